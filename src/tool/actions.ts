import type { Action } from '../input/index.ts';
import type { ToolCall } from './call.ts';
import { fileTool, isFileTool } from './file-tools.ts';
import { Ledger, Overflow, type Why } from './ledger.ts';
import { Unexpected } from './members.ts';
import { isForeign, keysOf } from './name.ts';
import { networkTool } from './network-tools.ts';
import { groundOf } from './place.ts';
import { isShellTool, runTool } from './shell-tools.ts';

/**
 * What a tool call would do, as far as its arguments tell: programs, files, destinations, and what can't be read. Nothing
 * is run, and nothing read from disk; the same call gives the same actions. A tool that nobody knows gives none, apart from
 * addresses among its arguments; neither does one whose arguments are no exact JSON.
 *
 * More than policy could read becomes one opaque action.
 */
export function actionsOf(call: ToolCall): Action[] {
  try {
    return read(call);
  } catch (error) {
    if (error instanceof Unexpected) return [opaque('arguments_unexpected')];
    if (error instanceof Overflow) return [opaque(error.why)];
    // The stack: nested deeper than bounds foresaw.
    if (error instanceof RangeError) return [opaque('too_deep')];
    throw error;
  }
}

function read(call: ToolCall): Action[] {
  const value = call.arguments;
  // A message of MCP's own, such as `initialize`, calls no tool: addresses in it name the client or its icons.
  if (value === undefined || (call.origin === 'mcp' && call.type === 'protocol')) return [];
  const ground = groundOf(call.workspace);
  const keys = keysOf(call);
  const foreign = isForeign(call);
  const shell = keys.find(isShellTool);
  if (shell !== undefined) return runTool(shell, value, ground, foreign).actions;
  const ledger = new Ledger();
  const file = keys.find(isFileTool);
  if (file !== undefined) fileTool(file, value, ledger, ground, foreign);
  networkTool(keys.at(-1) ?? '', value, ledger, ground);
  return ledger.actions;
}

const opaque = (why: Why): Action => ({ kind: 'opaque', why });
