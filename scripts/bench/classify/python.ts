import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../../../.cache');

/** A folder in .cache/ with packages from PyPI, made once. */
export class Python {
  private readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** `packages` with their versions; `isAlone`: without what they depend on, where only a part of them is used. */
  static open(name: string, packages: readonly string[], isAlone: boolean): Python {
    const python = new Python(join(CACHE, `bench-${name}`));
    const stamp = join(python.folder, 'ready');
    if (existsSync(stamp)) return python;
    rmSync(python.folder, { recursive: true, force: true });
    run('python3', ['-m', 'venv', python.folder]);
    const alone = isAlone ? ['--no-deps'] : [];
    run(python.program, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...alone, ...packages]);
    writeFileSync(stamp, `${packages.join('\n')}\n`);
    return python;
  }

  /** Runs a script beside this file: what it prints, line by line as JSON. */
  lines(script: string, input = ''): unknown[] {
    const output = run(this.program, [join(import.meta.dirname, script)], input);
    return output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  /** Where a package keeps its files. */
  path(...parts: string[]): string {
    const lib = join(this.folder, 'lib');
    return join(lib, readdirSync(lib)[0] ?? '', 'site-packages', ...parts);
  }

  private get program(): string {
    return join(this.folder, 'bin/python');
  }
}

function run(program: string, args: string[], input = ''): string {
  const result = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.error?.message ?? result.status}`);
  return result.stdout;
}
