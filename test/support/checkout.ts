import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** What git has or would take, as a fresh clone holds it; dependencies and OPA are linked, so that set-up finds them. */
export class Checkout {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'verdict-checkout-'));

  constructor() {
    // Else set-up would install into the folder that is linked, which is everybody's.
    if (!readFileSync('package-lock.json').equals(readFileSync('node_modules/.setup')))
      throw new Error('expected dependencies of the lock file as it is; run scripts/setup');
    const files = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], { encoding: 'utf8' }).split('\0');
    for (const file of new Set(files.filter((name) => name !== ''))) {
      if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) continue; // deleted, or a link to what is linked below
      mkdirSync(join(this.folder, dirname(file)), { recursive: true });
      cpSync(file, join(this.folder, file));
    }
    for (const name of ['node_modules', '.cache']) {
      if (existsSync(name)) symlinkSync(resolve(name), join(this.folder, name));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The environment of a person's terminal: nothing of the npm and jest that run this test, and no vendor. */
export function terminalEnv(): NodeJS.ProcessEnv {
  const ours = /^(npm_|OPENAI_|ANTHROPIC_|VERDICT_|JEST_|NODE_OPTIONS$|NODE_ENV$|INIT_CWD$|FORCE_COLOR$)/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}
