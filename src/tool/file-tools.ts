import type { FileAction } from '../input/index.ts';
import type { JsonValue } from '../json/index.ts';
import { urlOf } from './destination.ts';
import type { Ledger } from './ledger.ts';
import { listsUnder, stringOf, stringsUnder, Unexpected } from './members.ts';
import { patchFiles } from './patch.ts';
import { enter, type Ground, locate, move } from './place.ts';
import { tableOf } from './table.ts';

type Access = FileAction['access'];

/** What tools do to the file or folder that their arguments name, by `keyOf` of their names. */
const ACCESS = tableOf<Access>({
  // Claude Code, Cursor, Codex, Gemini CLI, Copilot, OpenCode, MCP filesystem server
  'read readfile readtextfile readmediafile readmultiplefiles readmanyfiles notebookread readnotebook viewimage':
    'read',
  'lsp view viewfile openfile getfileinfo getfilecontents fileread filestat readfiles readlints readresource': 'read',
  'ls list listdir listdirectory listdirectorywithsizes directorytree listfiles glob grep grepsearch grepfiles': 'read',
  'searchfiles searchfilecontent filesearch findfiles globfilesearch ripgrep textsearch findtextinfiles': 'read',
  'write writefile edit multiedit editfile multieditfile replace createfile create savefile': 'write',
  'filewrite writetofile': 'write',
  'notebookedit editnotebook editnotebookfile createnewjupyternotebook searchreplace strreplace replaceinfile': 'write',
  'insert inserteditintofile replacestringinfile multireplacestringinfile createdirectory createdir mkdir': 'write',
  'appendfile appendtofile insertcontent applydiff editblock fileedit reapply writefiles': 'write',
  'delete deletefile deletefiles remove removefile rm rmdir deletedirectory removedirectory': 'delete',
});
const MOVERS = tableOf<Access>({
  'movefile move renamefile rename': 'delete',
  'copyfile copy copyfileordirectory': 'read',
});
const EDITORS = new Set(
  'strreplacebasededittool strreplaceeditor texteditor texteditorcodeexecution editor memory'.split(' '),
);
const PATCHERS = new Set('applypatch applypatchcall patch'.split(' '));

/** Tools that look at the folder where the agent works if they are told no other. */
const HERE = /^(ls$|list|glob|grep|rip|search|find|directorytree|text|filesearch|globfile)/;
/** Tools that search files, and the arguments that say in which. */
const SEARCHES = /^(glob|grep|rip|search|find|text|filesearch)/;
const FILTERS = ['glob', 'globs', 'include', 'includes', 'include_pattern', 'includePattern', 'file_pattern'];
/** Names that other tools have too: without a path they mean no file. */
const VAGUE =
  /^(view|list|create|insert|replace|delete|remove|move|copy|rename|patch|editor|memory|search|rm|strreplace)$/;

const PATHS =
  'file_path filePath path file filename file_name target_file targetFile notebook_path notebookPath absolute_path AbsolutePath dir_path dirPath directory DirectoryPath target_directory relative_workspace_path folder uri TargetFile old_path new_path SearchPath'.split(
    ' ',
  );
const LISTS = ['paths', 'files', 'file_paths', 'filePaths', 'include', 'target_directories'];
const FROM = ['source', 'source_path', 'src', 'from', 'old_path', 'oldPath', 'sourcePath', 'origin'];
const TO = ['destination', 'destination_path', 'dest', 'dst', 'to', 'new_path', 'newPath', 'destinationPath', 'target'];
/** Lists of objects that each name a file. */
const NESTED = ['replacements', 'files', 'edits', 'reads', 'operations'];

export function isFileTool(key: string): boolean {
  return ACCESS.has(key) || MOVERS.has(key) || EDITORS.has(key) || PATCHERS.has(key);
}

/** What a tool that works on files would do. @throws Unexpected, Overflow */
export function fileTool(key: string, value: JsonValue, ledger: Ledger, ground: Ground, isForeign: boolean): void {
  const before = ledger.actions.length;
  if (PATCHERS.has(key)) patchTool(value, ledger, ground);
  else if (value.kind !== 'object') throw new Unexpected();
  else if (EDITORS.has(key)) editTool(value, ledger, ground);
  else if (MOVERS.has(key)) moveTool(MOVERS.get(key) as Access, value, ledger, ground);
  else accessTool(key, value, ledger, ground);
  if (ledger.actions.length === before && !isForeign && !VAGUE.test(key)) throw new Unexpected();
}

function accessTool(key: string, value: JsonValue, ledger: Ledger, ground: Ground): void {
  const access = ACCESS.get(key) as Access;
  const isSearch = SEARCHES.test(key);
  const listed = listedPaths(value, isSearch ? LISTS.filter((name) => name !== 'include') : LISTS);
  const paths = [...stringsUnder(value, PATHS), ...listed, ...nestedPaths(value)];
  const base = stringOf(value, ['path', 'dir_path', 'directory', 'target_directory', 'folder']) ?? '.';
  if (key.startsWith('glob')) {
    for (const pattern of stringsUnder(value, ['pattern', 'glob_pattern'])) touchPattern(pattern, base, ledger, ground);
  }
  if (isSearch) {
    for (const name of FILTERS)
      for (const pattern of listsOrString(value, name)) touchPattern(pattern, base, ledger, ground);
  }
  if (!key.startsWith('glob') && paths.length === 0 && HERE.test(key)) paths.push('.');
  for (const path of paths) touchPattern(path, '.', ledger, ground, access);
}

/** A path, or a pattern for paths: that lies where the part in front of its first sign lies, if it can't climb from there. */
function touchPattern(path: string, base: string, ledger: Ledger, ground: Ground, access: Access = 'read'): void {
  const named = urlOf(path);
  if (named?.kind === 'network') {
    ledger.add({ ...named });
    return;
  }
  const text = named?.path ?? path;
  const from = base === '.' ? ground : move(ground, base, false);
  const sign = access === 'read' ? text.search(/[*?[{]/) : -1;
  if (sign < 0) {
    touch(access, text === '' ? '.' : text, ledger, from);
    return;
  }
  const head = text.slice(0, text.lastIndexOf('/', sign) + 1);
  const climbs = text.slice(sign).includes('..');
  ledger.add({ kind: 'file', access, path: text, place: locate(head === '' ? '.' : head, climbs, from).place });
}

function touch(access: Access, path: string, ledger: Ledger, ground: Ground): void {
  ledger.add({ kind: 'file', access, ...locate(path, false, ground) });
}

function listedPaths(value: JsonValue, names: string[]): string[] {
  return names.flatMap((name) => {
    const items = value.get(name)?.items() ?? [];
    return items.some((item) => item.kind === 'object') ? [] : listsOrString(value, name);
  });
}

const listsOrString = (value: JsonValue, name: string): string[] =>
  value.get(name)?.kind === 'string' ? stringsUnder(value, [name]) : listsUnder(value, [name]);

function nestedPaths(value: JsonValue): string[] {
  const objects = NESTED.flatMap((name) => value.get(name)?.items() ?? []).filter((item) => item.kind === 'object');
  return objects.flatMap((item) => stringsUnder(item, PATHS));
}

function moveTool(access: Access, value: JsonValue, ledger: Ledger, ground: Ground): void {
  for (const path of stringsUnder(value, FROM)) touch(access, path, ledger, ground);
  for (const path of stringsUnder(value, TO)) touch('write', path, ledger, ground);
}

/** Anthropic's text editor and memory tools: one tool, several commands. */
function editTool(value: JsonValue, ledger: Ledger, ground: Ground): void {
  const command = stringOf(value, ['command']);
  const access = command === 'view' ? 'read' : command === 'delete' ? 'delete' : 'write';
  for (const path of stringsUnder(value, ['path', 'file_path', 'new_path'])) touch(access, path, ledger, ground);
  const old = stringOf(value, ['old_path']);
  if (old !== undefined) touch('delete', old, ledger, ground);
}

/** A patch as text, or as one operation with its path. */
function patchTool(value: JsonValue, ledger: Ledger, ground: Ground): void {
  const operation = [value.get('operation'), value].find((one) => one?.get('path') !== undefined);
  if (operation !== undefined) {
    const access: Access = stringOf(operation, ['type']) === 'delete_file' ? 'delete' : 'write';
    for (const path of stringsUnder(operation, ['path', 'move_to', 'new_path'])) touch(access, path, ledger, ground);
    return;
  }
  const base = enter(ground, stringOf(value, ['workdir', 'cwd']));
  for (const text of patchTexts(value)) {
    const files = patchFiles(text);
    if (files === undefined) ledger.opaque('patch_syntax');
    for (const { access, path } of files ?? []) touch(access, path, ledger, base);
  }
}

function patchTexts(value: JsonValue): string[] {
  const text = value.string();
  if (text !== undefined) return [text];
  const words = value.get('command')?.kind === 'array' ? listsUnder(value, ['command']) : [];
  if (words.length > 0) return [words.at(-1) as string];
  return stringsUnder(value, ['input', 'patch', 'patchText', 'patch_text', 'command', 'diff', 'content']);
}
