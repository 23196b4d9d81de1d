import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Where this program lies: the folder above `src` in a checkout, above `dist` in the package. */
export const INSTALLATION: string = join(import.meta.dirname, '..', '..');

/** How a person in `folder` calls this program: a checkout by its launcher, which brings its own Node; else by its name. */
export function invocation(folder: string): string {
  const launcher = join(INSTALLATION, 'scripts', 'verdict');
  if (!existsSync(launcher)) return 'verdict';
  const path = relative(folder, launcher);
  return path.length < launcher.length ? path : launcher;
}
