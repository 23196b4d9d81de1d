import type { FileAction } from '../input/index.ts';

export interface PatchedFile {
  access: FileAction['access'];
  path: string;
}

const MARK = /^\s*\*\*\* (Add File|Update File|Delete File|Move to): ?(.*)$/;

/**
 * The files of a patch in the form that Codex and GPT models write (`*** Begin Patch`); undefined if it names none.
 * Lines of text that look like one of its marks count too: readers differ on how strict they are.
 */
export function patchFiles(text: string): PatchedFile[] | undefined {
  if (!text.includes('*** Begin Patch')) return undefined;
  const files: PatchedFile[] = [];
  let updated: string | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, mark, rest = ''] = MARK.exec(line) ?? [];
    if (mark === undefined) continue;
    const path = rest.trim();
    files.push({ access: mark === 'Delete File' ? 'delete' : 'write', path });
    // A move writes the new file and takes the old one away.
    if (mark === 'Move to' && updated !== undefined) files.push({ access: 'delete', path: updated });
    updated = mark === 'Update File' ? path : undefined;
  }
  return files.length === 0 ? undefined : files;
}
