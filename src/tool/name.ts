import type { ToolCall } from './call.ts';

/** Types that say nothing of what the tool is. */
const NEUTRAL = new Set(['function', 'custom', 'tools/call', 'tool_use', 'mcp', 'mcp_call', 'mcp_tool_use', 'hook']);

/**
 * The names to look a tool up by: its type, where that says what it is (`shell_call`, `bash_20250124`), then its name,
 * without the server that some clients put in front of it. Spelling (`run_in_terminal`, `runInTerminal`) makes no difference.
 */
export function keysOf(call: ToolCall): string[] {
  const keys = NEUTRAL.has(call.type) ? [] : [keyOf(call.type.replace(/_\d{8}$/, ''))];
  return [...keys, keyOf(call.name.slice(call.name.lastIndexOf('__') + 1).replace(/^_/, ''))];
}

/** Whether it may be any server's tool that merely has such a name. */
export function isForeign(call: ToolCall): boolean {
  return call.server !== null || call.name.startsWith('mcp__');
}

export function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9/]/g, '');
}
