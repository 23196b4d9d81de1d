import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleStore } from '../replay/index.ts';
import { CliError, EXIT } from './exit.ts';

/** Bundles in a folder. A file named by its digest is tried first, then all others. */
export class BundleFolder implements BundleStore {
  private readonly folder: string;
  private readonly names: string[];

  private constructor(folder: string, names: string[]) {
    this.folder = folder;
    this.names = names;
  }

  static async open(folder: string): Promise<BundleFolder> {
    try {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz')).sort();
      return new BundleFolder(folder, names);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new CliError(EXIT.unable, `--bundles ${folder}: cannot be read as a folder (${code})`);
    }
  }

  async *candidates(digest: string): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
    const named = this.names.filter((name) => name.includes(digest));
    for (const name of new Set([...named, ...this.names])) {
      yield { name, bytes: await readFile(join(this.folder, name)) };
    }
  }
}
