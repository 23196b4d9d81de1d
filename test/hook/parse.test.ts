import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AGENTS, type HookCall, HookError, parseHook } from '../../src/hook/index.ts';
import { DEFAULT_LIMITS, type JsonDocument, parse } from '../../src/json/index.ts';
import * as payloads from './payloads.ts';

const read = (agent: string, payload: unknown): HookCall =>
  parseHook(agent, parse(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))));

/** With the arguments as a value. */
function seen(agent: string, payload: unknown) {
  const { call, ...rest } = read(agent, payload);
  return { ...rest, call: { ...call, arguments: call.arguments?.value() } };
}

const project = { origin: 'hook', workspace: '/home/dev/project' };

test('Claude Code', () => {
  expect(seen('claude-code', payloads.CLAUDE)).toEqual({
    event: 'PreToolUse',
    session: 'abc123',
    call: {
      ...project,
      name: 'Bash',
      type: 'function',
      server: null,
      id: 'toolu_01ABC',
      arguments: payloads.CLAUDE.tool_input,
    },
  });
});

test("the arguments are the payload's own bytes", () => {
  const input = '{ "n": 1.0e2, "s":"\\u0061" }';
  const { call } = read('claude-code', `{"hook_event_name":"PreToolUse","tool_name":"t","tool_input":${input}}`);
  expect(Buffer.from(call.arguments?.text ?? []).toString()).toBe(input);
  expect(call).not.toHaveProperty('workspace');
});

test.each([
  ['mcp__github__create_issue', 'github'],
  ['mcp__a__b__c', 'a'],
  ['mcp__my_server__t', 'my_server'],
  ['mcp__github', null],
  ['mcp__github__', null],
  ['mcp____x', null],
  ['xmcp__a__b', null],
])('the server in %s', (name, server) => {
  expect(read('claude-code', { ...payloads.CLAUDE, tool_name: name }).call).toMatchObject({ name, server });
  expect(read('codex', { ...payloads.CODEX, tool_name: name }).call).toMatchObject({ name, server });
});

test('Codex', () => {
  expect(seen('codex', payloads.CODEX)).toMatchObject({
    event: 'PreToolUse',
    session: 'abc123',
    call: { ...project, name: 'apply_patch', id: 'call-apply-patch', arguments: payloads.CODEX.tool_input },
  });
});

test("Gemini: the server is the payload's word, never guessed from the name", () => {
  expect(seen('gemini', payloads.GEMINI)).toMatchObject({
    event: 'BeforeTool',
    session: 'abc123',
    call: { ...project, name: 'mcp_github_create_issue', server: 'github', id: null, arguments: { title: 'x' } },
  });
  const { mcp_context: _, ...plain } = payloads.GEMINI;
  expect(read('gemini', plain).call.server).toBeNull();
});

test('Cursor: a shell command, an MCP tool, a file read, any tool', () => {
  expect(seen('cursor', payloads.CURSOR_SHELL)).toEqual({
    event: 'beforeShellExecution',
    session: 'conv-1',
    call: {
      ...project,
      name: 'Shell',
      type: 'function',
      server: null,
      id: null,
      arguments: { command: 'npm install', cwd: '/home/dev/project/web', sandbox: false },
    },
  });
  expect(seen('cursor', payloads.CURSOR_MCP).call).toMatchObject({
    name: 'query',
    server: 'db.example:8443',
    arguments: { sql: 'select 1' },
  });
  const named = { ...payloads.CURSOR_MCP, mcp_server_name: 'db', command: 'npx server --token=secret', url: undefined };
  expect(read('cursor', named).call.server).toBe('db');
  expect(read('cursor', { ...named, mcp_server_name: undefined }).call.server).toBeNull();
  const { file_path, content, attachments } = payloads.CURSOR_READ;
  for (const hook_event_name of ['beforeReadFile', 'beforeTabFileRead'])
    expect(seen('cursor', { ...payloads.CURSOR_READ, hook_event_name }).call).toMatchObject({
      name: 'Read',
      arguments: { file_path, content, attachments },
    });
  expect(seen('cursor', payloads.CURSOR_TOOL).call).toMatchObject({ name: 'Write', id: 'abc123' });
});

test.each([
  [['/a'], '/elsewhere', '/a'],
  [['/a', '/b'], '/b/src', '/b'],
  [['/a', '/a/b'], '/a/b', '/a/b'],
  [['/a', '/b'], '/bc', undefined],
  [['/a', '/b'], '/a/../etc', undefined],
  [['/a', '/b'], '', undefined],
  [[], '/x', undefined],
  [undefined, '/x', '/x'],
])('Cursor: the workspace among %j for %j is %j', (workspace_roots, cwd, workspace) => {
  expect(read('cursor', { ...payloads.CURSOR_SHELL, workspace_roots, cwd }).call.workspace).toBe(workspace);
});

test('Cursor: a tool that works outside the only root is in no workspace', () => {
  expect(read('cursor', { ...payloads.CURSOR_TOOL, cwd: '/home/dev/project/web' }).call.workspace).toBe(
    '/home/dev/project',
  );
  expect(read('cursor', { ...payloads.CURSOR_TOOL, cwd: '/etc' }).call).not.toHaveProperty('workspace');
  expect(read('cursor', { ...payloads.CURSOR_SHELL, cwd: '/etc' }).call.workspace).toBe('/home/dev/project');
});

test('Copilot: both formats, arguments as text and as object, and free text', () => {
  expect(seen('copilot', payloads.COPILOT)).toEqual({
    event: 'preToolUse',
    session: 's-1',
    call: {
      ...project,
      name: 'bash',
      type: 'function',
      server: null,
      id: null,
      arguments: { command: 'ls', description: 'list' },
    },
  });
  expect(seen('copilot', { ...payloads.COPILOT, toolArgs: { command: 'ls' } }).call.arguments).toEqual({
    command: 'ls',
  });
  expect(seen('copilot', payloads.COPILOT_VSCODE)).toMatchObject({ event: 'PreToolUse', call: { name: 'Bash' } });
  const patch = '*** Begin Patch\n*** End Patch';
  expect(seen('copilot', { ...payloads.COPILOT, toolName: 'apply_patch', toolArgs: patch }).call).toMatchObject({
    type: 'custom',
    arguments: patch,
  });
});

const late = { toolResult: { resultType: 'success', textResultForLlm: 'x' } };
test.each([
  [
    'claude-code',
    { ...payloads.CLAUDE, hook_event_name: 'PostToolUse' },
    /got PostToolUse; install the hook for PreToolUse$/,
  ],
  ['claude-code', { hook_event_name: 'Notification', message: 'x' }, /got Notification/],
  ['claude-code', { hook_event_name: 'secret: x y' }, /got another/],
  ['codex', { hook_event_name: 'SessionStart', source: 'startup' }, /install the hook for PreToolUse/],
  ['gemini', { ...payloads.GEMINI, hook_event_name: 'AfterTool' }, /install the hook for BeforeTool/],
  [
    'cursor',
    { ...payloads.CURSOR_TOOL, hook_event_name: 'afterFileEdit' },
    /install the hook for preToolUse, beforeShell/,
  ],
  ['cursor', { ...payloads.CURSOR_TOOL, hook_event_name: 'constructor' }, /install the hook for/],
  ['copilot', { ...payloads.COPILOT, ...late }, /got postToolUse;/],
  ['copilot', { ...payloads.COPILOT, error: 'x' }, /got postToolUseFailure;/],
  ['copilot', { sessionId: 's', source: 'new', cwd: '/x' }, /install the hook for preToolUse/],
  ['copilot', { ...payloads.COPILOT_VSCODE, hook_event_name: 'Stop' }, /got Stop;/],
])('%s: another event is refused, saying which to install for', (agent, payload, message) => {
  expect(() => read(agent, payload)).toThrow(expect.objectContaining({ code: 'HOOK_EVENT_UNSUPPORTED' }));
  expect(() => read(agent, payload)).toThrow(message);
});

test.each([
  ['claude-code', { ...payloads.CLAUDE, tool_name: 7 }, 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', { ...payloads.CLAUDE, tool_name: '' }, 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', { ...payloads.CLAUDE, tool_name: 'n'.repeat(513) }, 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', { ...payloads.CLAUDE, cwd: 'relative/path' }, 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', { ...payloads.CLAUDE, cwd: ['/x'] }, 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', { ...payloads.CLAUDE, session_id: {} }, 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', { ...payloads.CLAUDE, tool_use_id: 1 }, 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', { ...payloads.CLAUDE, hook_event_name: null }, 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', [], 'HOOK_PAYLOAD_INVALID'],
  ['claude-code', { ...payloads.CLAUDE, tool_input: '{"command":"ls"}' }, 'HOOK_ARGUMENTS_INVALID'],
  ['codex', { ...payloads.CODEX, tool_input: ['ls'] }, 'HOOK_ARGUMENTS_INVALID'],
  ['codex', { ...payloads.CODEX, tool_input: undefined }, 'HOOK_ARGUMENTS_INVALID'],
  ['gemini', { ...payloads.GEMINI, tool_input: null }, 'HOOK_ARGUMENTS_INVALID'],
  ['gemini', { ...payloads.GEMINI, mcp_context: 'github' }, 'HOOK_PAYLOAD_INVALID'],
  ['gemini', { ...payloads.GEMINI, mcp_context: {} }, 'HOOK_PAYLOAD_INVALID'],
  ['cursor', { ...payloads.CURSOR_SHELL, command: ['ls'] }, 'HOOK_PAYLOAD_INVALID'],
  ['cursor', { ...payloads.CURSOR_SHELL, workspace_roots: '/x' }, 'HOOK_PAYLOAD_INVALID'],
  ['cursor', { ...payloads.CURSOR_SHELL, workspace_roots: ['x'] }, 'HOOK_PAYLOAD_INVALID'],
  ['cursor', { ...payloads.CURSOR_READ, content: null }, 'HOOK_PAYLOAD_INVALID'],
  ['cursor', { ...payloads.CURSOR_READ, file_path: 1 }, 'HOOK_PAYLOAD_INVALID'],
  ['cursor', { ...payloads.CURSOR_MCP, tool_input: '[1]' }, 'HOOK_ARGUMENTS_INVALID'],
  ['cursor', { ...payloads.CURSOR_MCP, tool_input: '' }, 'HOOK_ARGUMENTS_INVALID'],
  ['copilot', { ...payloads.COPILOT, ...payloads.COPILOT_VSCODE }, 'HOOK_PAYLOAD_INVALID'],
  ['copilot', { ...payloads.COPILOT, tool_name: 'view' }, 'HOOK_PAYLOAD_INVALID'],
  ['copilot', { ...payloads.COPILOT, toolArgs: null }, 'HOOK_ARGUMENTS_INVALID'],
  ['copilot', { ...payloads.COPILOT, toolArgs: '["ls"]' }, 'HOOK_ARGUMENTS_INVALID'],
  ['copilot', { ...payloads.COPILOT, toolArgs: '"{}"' }, 'HOOK_ARGUMENTS_INVALID'],
  ['windsurf', payloads.CLAUDE, 'HOOK_AGENT_UNKNOWN'],
  ['constructor', payloads.CLAUDE, 'HOOK_AGENT_UNKNOWN'],
])('%s: %j is refused', (agent, payload, code) => {
  expect(() => read(agent, payload)).toThrow(expect.objectContaining({ name: 'HookError', code }));
});

const INNER = [
  ['{"command":"ls","command":"rm -rf /"}', 'JSON_DUPLICATE_KEY'],
  ['{"a":{"x":1,"\\u0078":2}}', 'JSON_DUPLICATE_KEY'],
  ['{"command":"ls","Command":"rm"}', 'JSON_CASE_COLLISION'],
  ['{"command":"ls"', 'JSON_SYNTAX'],
  ['{"command":"ls"} {"command":"rm"}', 'JSON_SYNTAX'],
  ['{"n":9007199254740993}', 'JSON_NUMBER_RANGE'],
  ['{"s":"\\ud800"}', 'JSON_LONE_SURROGATE'],
  [`{"a":${'['.repeat(80)}${']'.repeat(80)}}`, 'JSON_DEPTH'],
  [`{"a":[${'1,'.repeat(300_000)}1]}`, 'JSON_SIZE'],
] as const;

test.each(INNER)('JSON inside a text is held to the same rules (%#)', (inner, code) => {
  const payload = [
    ['copilot', { ...payloads.COPILOT, toolArgs: inner }],
    ['copilot', { ...payloads.COPILOT_VSCODE, tool_input: ` \n${inner}` }],
    ['cursor', { ...payloads.CURSOR_MCP, tool_input: inner }],
  ] as const;
  for (const [agent, each] of payload) {
    expect(() => read(agent, each)).toThrow(expect.objectContaining({ code: 'HOOK_ARGUMENTS_INVALID' }));
    expect(() => read(agent, each)).toThrow(code);
    expect(() => read(agent, each)).not.toThrow(/rm/);
  }
});

test('five megabytes of arguments are read in linear time', () => {
  const content = '\\"'.repeat(600_000); // nearly five megabytes once it is a text in a text
  const begin = performance.now();
  expect(seen('cursor', { ...payloads.CURSOR_READ, content }).call.arguments).toMatchObject({ content });
  expect(seen('copilot', { ...payloads.COPILOT, toolArgs: JSON.stringify({ content }) }).call.arguments).toEqual({
    content,
  });
  expect(performance.now() - begin).toBeLessThan(5000);
});

test('arguments within wider limits than those of this room are refused, not thrown on', () => {
  const big = JSON.stringify({ ...payloads.CLAUDE, tool_input: { a: 'x'.repeat(DEFAULT_LIMITS.maxBytes) } });
  const document = parse(Buffer.from(big), { ...DEFAULT_LIMITS, maxBytes: big.length });
  expect(() => parseHook('claude-code', document)).toThrow(expect.objectContaining({ code: 'HOOK_ARGUMENTS_INVALID' }));
});

test('whatever comes, nothing but HookError', () => {
  const keys = [...new Set(Object.values(payloads).flatMap((payload) => Object.keys(payload)))];
  const events = [
    'PreToolUse',
    'BeforeTool',
    'preToolUse',
    'beforeShellExecution',
    'beforeMCPExecution',
    'beforeReadFile',
  ];
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(...events, '/x', '{"a":1}', '{"a":1,"a":2}', '{', ['/a', '/b']),
    fc.json({ maxDepth: 2 }),
  );
  const payload = fc.oneof(
    fc.dictionary(fc.constantFrom(...keys), value),
    fc
      .tuple(fc.constantFrom(...Object.values(payloads)), fc.constantFrom(...keys), value)
      .map(([valid, key, other]) => ({ ...valid, [key]: other })),
  );
  const agents = fc.constantFrom(...AGENTS.keys());
  let judged = 0;
  fc.assert(
    fc.property(agents, payload, (agent, each) => {
      let document: JsonDocument;
      try {
        document = parse(Buffer.from(JSON.stringify(each)));
      } catch {
        return; // no payload at all
      }
      try {
        expect(parseHook(agent, document).call.arguments).toBeDefined();
        judged++;
      } catch (error) {
        expect(error).toBeInstanceOf(HookError);
      }
    }),
    { numRuns: 3000 },
  );
  expect(judged).toBeGreaterThan(50);
});
