export type { ToolCall } from './call.ts';
