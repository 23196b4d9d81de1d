import type { JsonDocument, JsonValue } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { Agent, Answer, HookCall, Ruling } from './agent.ts';
import { answerOf } from './answer.ts';
import { eventOf, gather, innerObjectOf, invalid, optionalPath, optionalText, pathOf, text } from './payload.ts';
import { PATIENCE_SECONDS } from './settings.ts';

type Called = Pick<ToolCall, 'name' | 'server' | 'arguments'>;

/** How each event before a tool tells of the call, whether its answer may be "ask", and which messages it may hold. */
interface Event {
  called(document: JsonDocument): Called;
  asks: boolean;
  messages: readonly string[];
}

const BOTH = ['user_message', 'agent_message'];

/**
 * The names are those that the generic event gives the same tools (Shell, Read), so that one rule meets both.
 * What is read from a file is an argument: policy may look for secrets in it before the model sees it.
 */
const EVENTS: Readonly<Record<string, Event>> = {
  preToolUse: { called: calledByName, asks: false, messages: BOTH },
  beforeShellExecution: { called: calledShell, asks: true, messages: BOTH },
  beforeMCPExecution: { called: calledMcp, asks: true, messages: BOTH },
  beforeReadFile: { called: calledRead, asks: false, messages: ['user_message'] },
  beforeTabFileRead: { called: calledRead, asks: false, messages: [] },
};

/**
 * Cursor, after its hooks page (cursor.com/docs/hooks, August 2026).
 *
 * Here an allow must be said: no output at all counts as a failed hook. It leaves Cursor's own allow-list as it is.
 * "ask" is enforced only where a shell command or an MCP tool is about to run; elsewhere what should be asked is denied.
 */
export const cursor: Agent = {
  name: 'cursor',
  parse,
  asks: (name) => eventOfName(name)?.asks === true,
  answer,
  reason: (document) => (document.get('user_message') ?? document.get('agent_message'))?.string(),
  settings: {
    file: { user: '.cursor/hooks.json', project: '.cursor/hooks.json' },
    comments: false,
    base: { version: 1 },
    places: [
      { event: 'beforeShellExecution' },
      { event: 'beforeReadFile' },
      { event: 'beforeTabFileRead' },
      // Names the server, which the generic event does not. Cloud agents, which run the hooks of a project, do not have it.
      { event: 'beforeMCPExecution', scope: 'user' },
      { event: 'preToolUse', scope: 'user', matcher: allBut('Shell', 'Read', 'ReadFile', 'MCP:.*') },
      { event: 'preToolUse', scope: 'project', matcher: allBut('Shell', 'Read', 'ReadFile') },
    ],
    grouped: false,
    hook: (command) => ({ command, timeout: PATIENCE_SECONDS, failClosed: true }),
  },
};

/**
 * The generic event comes for every tool, and so a second time for those that have an event of their own: one command would be
 * judged twice, and would need two approvals. It matches whether the pattern is looked for or must be the whole name.
 */
function allBut(...tools: string[]): string {
  return `^(?!(?:${tools.join('|')})$)[\\s\\S]*$`;
}

function parse(document: JsonDocument): HookCall {
  const event = eventOf(document, Object.keys(EVENTS));
  const workspace = workspaceOf(document, event);
  return {
    call: {
      ...(EVENTS[event] as Event).called(document),
      type: 'function',
      origin: 'hook',
      id: optionalText(document, 'tool_use_id'),
      ...(workspace === undefined ? {} : { workspace }),
    },
    session: optionalText(document, 'conversation_id'),
    event,
  };
}

function calledByName(document: JsonDocument): Called {
  const name = text(document, 'tool_name');
  return { name, server: serverOf(document), arguments: innerObjectOf(document.get('tool_input'), 'tool_input') };
}

function calledMcp(document: JsonDocument): Called {
  const called = calledByName(document);
  return { ...called, server: called.server ?? hostOf(document.get('url')?.string() ?? '') };
}

/** Stands for the server where it is not named. Not the whole URL, nor the command of a local one: both may hold secrets. */
function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host || null : null;
}

function calledShell(document: JsonDocument): Called {
  if (document.get('command')?.kind !== 'string') throw invalid('command', 'a text');
  return { name: 'Shell', server: null, arguments: gather(document, ['command', 'cwd', 'sandbox']) };
}

function calledRead(document: JsonDocument): Called {
  for (const key of ['file_path', 'content']) if (document.get(key)?.kind !== 'string') throw invalid(key, 'a text');
  return { name: 'Read', server: null, arguments: gather(document, ['file_path', 'content', 'attachments']) };
}

function serverOf(document: JsonDocument): string | null {
  return optionalText(document, 'mcp_server_name');
}

/**
 * The root that holds what the call is about, where there are several; none if no root does, so that nothing counts as
 * inside by mistake. Without roots, the folder that the call names.
 */
function workspaceOf(document: JsonDocument, event: string): string | undefined {
  const cwd = optionalPath(document, 'cwd');
  const value = document.get('workspace_roots');
  if (value === undefined || value.kind === 'null') return cwd;
  if (value.kind !== 'array') throw invalid('workspace_roots', 'an array');
  const roots = value.items().map((root: JsonValue, index) => pathOf(root, `workspace_roots[${index}]`));
  // Of any tool the arguments may be relative to a folder that only `cwd` tells; a shell's arguments hold it.
  if (roots.length <= 1 && (cwd === undefined || event !== 'preToolUse')) return roots[0];
  const folder = cwd ?? optionalPath(document, 'file_path');
  if (folder === undefined || /(?:^|[\\/])\.\.(?:[\\/]|$)/.test(folder)) return undefined;
  const holding = roots.filter((root) => folder === root || folder.startsWith(root.replace(/[\\/]*$/, '/')));
  return holding.sort((one, other) => other.length - one.length)[0];
}

function answer(ruling: Ruling, name: string | null): Answer {
  const objection = (reason: string): object => ({
    permission: ruling.effect,
    ...Object.fromEntries((eventOfName(name)?.messages ?? BOTH).map((key) => [key, reason])),
  });
  return answerOf(ruling, objection, { permission: 'allow' });
}

const eventOfName = (name: string | null): Event | undefined => (name === null ? undefined : EVENTS[name]);
