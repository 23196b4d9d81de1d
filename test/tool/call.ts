import type { Action } from '../../src/input/index.ts';
import { parse } from '../../src/json/index.ts';
import { actionsOf, type ToolCall } from '../../src/tool/index.ts';

export const WORKSPACE = '/w/app';

export function toolCall(name: string, value: unknown, more: Partial<ToolCall> = {}): ToolCall {
  return {
    name,
    type: 'function',
    origin: 'hook',
    server: null,
    id: null,
    arguments: parse(Buffer.from(JSON.stringify(value))),
    workspace: WORKSPACE,
    ...more,
  };
}

/** Actions as lines, for tables to read well: `run sudo > rm -rf /`, `delete / outside`, `reach h:22`, `opaque why`. */
export function lines(actions: Action[]): string[] {
  return actions.map((action) => {
    switch (action.kind) {
      case 'command': {
        const marks = `${action.dynamic ? ' ?' : ''}${action.piped ? ' |' : ''}`;
        return `run ${[...action.via, action.words.join(' ')].join(' > ')}${marks}`;
      }
      case 'file':
        return `${action.access} ${action.path} ${action.place}`;
      case 'network':
        return `reach ${action.host}:${action.port}`;
      default:
        return `opaque ${action.why}`;
    }
  });
}

export const tool = (name: string, value: unknown, more: Partial<ToolCall> = {}): string[] =>
  lines(actionsOf(toolCall(name, value, more)));

export const bash = (command: string): string[] => tool('Bash', { command });
