/** Payloads as each agent's documents show them (the sources are named in src/hook). */
const common = { session_id: 'abc123', transcript_path: '/home/dev/.agent/t.jsonl', cwd: '/home/dev/project' };

export const CLAUDE = {
  ...common,
  permission_mode: 'default',
  hook_event_name: 'PreToolUse',
  tool_name: 'Bash',
  tool_input: { command: 'npm test', description: 'Run the tests', timeout: 120000, run_in_background: false },
  tool_use_id: 'toolu_01ABC',
};

export const CODEX = {
  ...common,
  turn_id: 'turn-1',
  transcript_path: null,
  hook_event_name: 'PreToolUse',
  model: 'gpt-5',
  permission_mode: 'default',
  tool_name: 'apply_patch',
  tool_input: { command: '*** Begin Patch\n*** End Patch' },
  tool_use_id: 'call-apply-patch',
};

export const GEMINI = {
  ...common,
  hook_event_name: 'BeforeTool',
  timestamp: '2026-08-21T16:16:56.000Z',
  tool_name: 'mcp_github_create_issue',
  tool_input: { title: 'x' },
  mcp_context: { server_name: 'github', tool_name: 'create_issue', command: 'npx', args: ['server'] },
};

const cursor = {
  conversation_id: 'conv-1',
  generation_id: 'gen-1',
  model: 'm',
  cursor_version: '2.4.0',
  workspace_roots: ['/home/dev/project'],
  user_email: null,
  transcript_path: null,
};
export const CURSOR_SHELL = {
  ...cursor,
  hook_event_name: 'beforeShellExecution',
  command: 'npm install',
  cwd: '/home/dev/project/web',
  sandbox: false,
};
export const CURSOR_MCP = {
  ...cursor,
  hook_event_name: 'beforeMCPExecution',
  tool_name: 'query',
  tool_input: '{"sql":"select 1"}',
  url: 'https://user:secret@db.example:8443/mcp?key=secret',
};
export const CURSOR_READ = {
  ...cursor,
  hook_event_name: 'beforeReadFile',
  file_path: '/home/dev/project/.env',
  content: 'KEY=\u00e9',
  attachments: [{ type: 'rule', file_path: '/home/dev/project/.cursor/rules/a.mdc' }],
};
export const CURSOR_TOOL = {
  ...cursor,
  hook_event_name: 'preToolUse',
  tool_name: 'Write',
  tool_input: { file_path: '/home/dev/project/a.ts', content: 'x' },
  tool_use_id: 'abc123',
  cwd: '/home/dev/project',
};

export const COPILOT = {
  sessionId: 's-1',
  timestamp: 1704614400000,
  cwd: '/home/dev/project',
  toolName: 'bash',
  toolArgs: '{"command":"ls","description":"list"}',
};
export const COPILOT_VSCODE = {
  hook_event_name: 'PreToolUse',
  session_id: 's-1',
  timestamp: '2026-01-07T08:00:00Z',
  cwd: '/home/dev/project',
  tool_name: 'Bash',
  tool_input: { command: 'ls' },
};
