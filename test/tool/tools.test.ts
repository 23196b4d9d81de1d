import { expect, test } from '@jest/globals';
import { parse } from '../../src/json/index.ts';
import { actionsOf, type ToolCall } from '../../src/tool/index.ts';
import { lines, tool, toolCall } from './call.ts';

const PATCH =
  '*** Begin Patch\n*** Update File: a\n*** Move to: ../b\n@@\n*** Add File: c\n+x\n*** Delete File: d\n*** End Patch';
const PATCHED = [
  'write /w/app/a workspace',
  'write /w/b outside',
  'delete /w/app/a workspace',
  'write /w/app/c workspace',
  'delete /w/app/d workspace',
];

test.each<[string, unknown, string[]]>([
  ['Bash', { command: 'rm x' }, ['run rm x', 'delete /w/app/x workspace']],
  [
    'shell',
    { command: ['bash', '-lc', 'ls > x'], workdir: '/etc' },
    ['write /etc/x outside', 'run sh -c > ls', 'read /etc outside'],
  ],
  ['shell', { command: ['rm', '$x', '*'] }, ['run rm $x *', 'delete /w/app/$x workspace', 'delete /w/app/* workspace']],
  ['exec_command', { cmd: 'cat x', workdir: 'src', shell: '/bin/zsh' }, ['run cat x', 'read /w/app/src/x workspace']],
  ['exec_command', { cmd: 'ls', shell: '/usr/bin/fish' }, ['opaque shell_dialect', 'run ls', 'read /w/app workspace']],
  ['write_stdin', { session_id: 1, chars: 'rm x\n' }, ['opaque terminal_input']],
  ['run_shell_command', { command: 'cat x', dir_path: '..' }, ['run cat x', 'read /w/x outside']],
  ['Shell', { command: 'pwd', working_directory: '' }, ['run pwd']],
  ['runInTerminal', { command: 'pwd', isBackground: false }, ['run pwd']],
  ['powershell', { command: 'ls' }, ['opaque powershell']],
  [
    'mcp__box__execute_command',
    { command: 'rm', args: ['a b', '$x'] },
    ['run rm a b $x', 'delete /w/app/a b workspace', 'delete /w/app/$x workspace'],
  ],
  ['python', { code: 'x' }, ['opaque inline_code']],
  ['bash', { restart: true }, []],
  ['Read', { file_path: '/w/app/a' }, ['read /w/app/a workspace']],
  ['Edit', { file_path: '/etc/a', old_string: 'x', new_string: 'y' }, ['write /etc/a outside']],
  ['MultiEdit', { file_path: 'a', edits: [{ old_string: 'x', new_string: 'y' }] }, ['write /w/app/a workspace']],
  ['Write', { file_path: '~/a', content: 'x' }, ['write ~/a outside']],
  ['NotebookEdit', { notebook_path: '/w/app/a.ipynb', new_source: '' }, ['write /w/app/a.ipynb workspace']],
  ['Glob', { pattern: 'src/**/*.ts' }, ['read src/**/*.ts workspace']],
  ['Glob', { pattern: '*', path: '/etc' }, ['read * outside', 'read /etc outside']],
  ['Glob', { pattern: '*/../../../x' }, ['read */../../../x unknown']],
  ['Grep', { pattern: 'x' }, ['read /w/app workspace']],
  ['Grep', { pattern: 'x', glob: '.env*' }, ['read .env* workspace', 'read /w/app workspace']],
  ['Grep', { pattern: 'x', path: '/etc', glob: '*.d' }, ['read *.d outside', 'read /etc outside']],
  ['grep_search', { query: 'x', include: '../../*.key' }, ['read ../../*.key outside', 'read /w/app workspace']],
  ['LS', { path: '..' }, ['read /w outside']],
  ['LSP', { operation: 'hover', filePath: '/etc/a.ts', line: 1, character: 1 }, ['read /etc/a.ts outside']],
  ['Monitor', { command: 'tail -f /etc/x', description: 'y' }, ['run tail -f /etc/x', 'read /etc/x outside']],
  ['str_replace_based_edit_tool', { command: 'view', path: '/etc/a' }, ['read /etc/a outside']],
  ['str_replace_editor', { command: 'create', path: 'a', file_text: '' }, ['write /w/app/a workspace']],
  ['read_file', { target_file: '../a' }, ['read /w/a outside']],
  ['read_many_files', { include: ['a', '/etc/*'] }, ['read /w/app/a workspace', 'read /etc/* outside']],
  ['list_directory', { dir_path: '/' }, ['read / outside']],
  ['move_file', { source: 'a', destination: '/tmp/b' }, ['delete /w/app/a workspace', 'write /tmp/b outside']],
  ['mcp__fs__create_directory', { path: 'd' }, ['write /w/app/d workspace']],
  ['delete_file', { target_file: 'a' }, ['delete /w/app/a workspace']],
  ['multi_replace_string_in_file', { replacements: [{ filePath: '/etc/a' }] }, ['write /etc/a outside']],
  ['apply_patch', { input: PATCH }, PATCHED],
  ['apply_patch', { command: PATCH }, PATCHED],
  ['apply_patch', { command: ['apply_patch', PATCH] }, PATCHED],
  ['shell', { command: ['apply_patch', PATCH] }, [`run apply_patch ${PATCH}`, ...PATCHED]],
  ['apply_patch', { input: 'no patch' }, ['opaque patch_syntax']],
  ['WebFetch', { url: 'https://H.example./x', prompt: 'y' }, ['reach h.example:443']],
  [
    'web_fetch',
    { prompt: 'Compare (http://a.example/x), and https://b.example.' },
    ['reach a.example:80', 'reach b.example:443'],
  ],
  ['fetch', { url: 'file:///etc/passwd' }, ['read /etc/passwd outside']],
  ['deploy', { endpoint: 'https://[::1]:8/x', note: 'https://n.example' }, ['reach ::1:8']],
  ['get_weather', { city: 'Paris' }, []],
  ['create', { title: 'An issue' }, []],
])('%s %j', (name, value, expected) => {
  expect(tool(name, value)).toEqual(expected);
});

test.each<[Partial<ToolCall>, unknown, string[]]>([
  [
    { type: 'shell_call', name: 'shell' },
    { action: { commands: ['cd ..', 'cat x'] } },
    ['run cd ..', 'run cat x', 'read /w/app/x workspace'],
  ],
  [
    { type: 'local_shell_call', name: 'local_shell' },
    { action: { type: 'exec', command: ['cat', 'x'], working_directory: '/etc', env: { LD_PRELOAD: 'y' } } },
    ['opaque environment', 'run cat x', 'read /etc/x outside'],
  ],
  [
    { type: 'apply_patch_call', name: 'apply_patch' },
    { operation: { type: 'delete_file', path: '../x' } },
    ['delete /w/x outside'],
  ],
  [{ type: 'bash_20250124', name: 'bash' }, { command: 'ls /' }, ['run ls /', 'read / outside']],
  [{ type: 'custom', name: 'apply_patch' }, PATCH, PATCHED],
  [{ type: 'custom', name: 'shell' }, 'ls /', ['run ls /', 'read / outside']],
  [{ type: 'resources/read', name: 'file:///etc/a' }, { uri: 'file:///etc/a' }, ['read /etc/a outside']],
  // A server's own tool may mean something else by such a name.
  [{ name: 'read_file', server: 'notes' }, { id: 5 }, []],
  [{ name: 'bash', server: 'notes' }, { question: 'x' }, []],
])('%j', (more, value, expected) => {
  expect(tool('x', value, more)).toEqual(expected);
});

test.each<[string, unknown]>([
  ['Bash', { command: 5 }],
  ['Bash', { Command: 'rm x' }],
  ['Bash', {}],
  ['Bash', ['rm x']],
  ['shell', { command: ['rm', 5] }],
  ['shell_call', { action: { commands: 'rm x' } }],
  ['local_shell', { command: ['ls'], env: { A: 5 } }],
  ['Read', { file_path: ['a'] }],
  ['Read', { offset: 5 }],
  ['Write', 'x'],
  ['read_multiple_files', { paths: [1] }],
  ['WebFetch', { url: 'nowhere' }],
  ['WebFetch', { url: 5 }],
  ['LSP', { operation: 'hover' }],
  ['Monitor', { ws: { url: 'wss://h.example' } }],
])('%s %j has unexpected arguments', (name, value) => {
  expect(tool(name, value)).toEqual(['opaque arguments_unexpected']);
});

test('Without exact JSON there is nothing to read', () => {
  const { arguments: _, ...call } = toolCall('Bash', {});
  expect(actionsOf({ ...call, arguments: undefined })).toEqual([]);
});

test.each<[string | undefined, string, string]>([
  [undefined, 'a', 'read a unknown'],
  [undefined, '/etc/../x', 'read /etc/../x unknown'],
  ['relative', '/x', 'read /x unknown'],
  ['/w/app/', './a/../../app//b/.', 'read /w/app/b workspace'],
  ['/w/app', '/w/app', 'read /w/app workspace'],
  ['/w/app', '/w/application', 'read /w/application outside'],
  ['/w/app', '/../../w/app/x', 'read /w/app/x workspace'],
  ['/w/app', '~/../w/app/x', 'read ~/../w/app/x outside'],
  ['/w/app', 'a\0b', 'read a\0b unknown'],
  ['C:\\w\\app', 'c:\\W\\APP\\x', 'read c:/W/APP/x workspace'],
  ['C:\\w\\app', '..\\x', 'read C:/w/x outside'],
])('in workspace %j, %j is %j', (workspace, path, expected) => {
  const call: ToolCall = {
    ...toolCall('Read', {}),
    arguments: parse(Buffer.from(JSON.stringify({ file_path: path }))),
  };
  delete call.workspace;
  expect(lines(actionsOf(workspace === undefined ? call : { ...call, workspace }))).toEqual([expected]);
});
