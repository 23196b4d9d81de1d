export { actionsOf } from './actions.ts';
export type { ToolCall } from './call.ts';
export type { Why } from './ledger.ts';
