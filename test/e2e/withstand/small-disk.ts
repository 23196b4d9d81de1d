import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNKS = [1 << 20, 1 << 16, 1 << 12, 1];

/**
 * A small tmpfs over a folder. It is mounted in a mount namespace of its own, so that it goes with its process and needs no
 * root where the kernel lets users have namespaces.
 */
export class SmallDisk {
  /** The folder as processes outside the namespace see it. */
  readonly path: string;
  private readonly folder: string;
  private readonly holder: ChildProcess;

  private constructor(holder: ChildProcess, folder: string) {
    this.holder = holder;
    this.folder = folder;
    this.path = join(`/proc/${holder.pid}/root`, folder);
  }

  static async mount(folder: string, bytes: number): Promise<SmallDisk> {
    mkdirSync(folder, { recursive: true });
    const script = 'mount -t tmpfs -o size="$1",mode=700 verdict "$2" && echo mounted && exec sleep 1000000';
    const holder = spawn(
      'unshare',
      [...namespaces('--map-root-user'), 'sh', '-c', script, 'sh', String(bytes), folder],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    for (const stream of [holder.stdout, holder.stderr]) stream?.on('data', (chunk) => (said += chunk));
    const [code] = await Promise.race([once(holder, 'exit'), once(holder.stdout ?? holder, 'data').then(() => [null])]);
    if (code !== null) throw new Error(`a tmpfs could not be mounted (by unshare, as this user): ${said}`);
    return new SmallDisk(holder, folder);
  }

  /** Put before a command, has it run where the disk is mounted. */
  get enter(): string[] {
    return ['nsenter', '--target', String(this.holder.pid), ...namespaces('--preserve-credentials')];
  }

  /** Takes every byte that is left. */
  fill(): void {
    const filler = openSync(join(this.path, 'filler'), 'a');
    try {
      for (const size of CHUNKS) {
        const chunk = Buffer.alloc(size);
        while (takes(filler, chunk)) {}
      }
    } finally {
      closeSync(filler);
    }
  }

  free(): void {
    rmSync(join(this.path, 'filler'));
  }

  /** Makes the disk itself larger. */
  async grow(bytes: number): Promise<void> {
    const [command = '', ...args] = [...this.enter, 'mount', '-o', `remount,size=${bytes}`, this.folder];
    const [code] = await once(spawn(command, args, { stdio: 'inherit' }), 'exit');
    if (code !== 0) throw new Error(`the tmpfs could not be made larger: ${code}`);
  }

  async unmount(): Promise<void> {
    this.holder.kill('SIGKILL');
    await once(this.holder, 'close');
  }
}

const namespaces = (asUser: string): string[] => ['--mount', ...(process.getuid?.() === 0 ? [] : ['--user', asUser])];

function takes(file: number, chunk: Buffer): boolean {
  try {
    return writeSync(file, chunk) === chunk.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
