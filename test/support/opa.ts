import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOpa } from '../../src/cli/opa.ts';

/** The pinned OPA that the set-up brings. */
export const OPA: string = await findOpa();

/** Compiles Rego to what an evaluator takes, by the real OPA. */
export function compile(
  rego: string,
  entrypoints: string[],
  data: unknown = {},
): { wasm: Uint8Array; data: Uint8Array } {
  const folder = mkdtempSync(join(tmpdir(), 'verdict-rego-'));
  try {
    writeFileSync(join(folder, 'policy.rego'), rego);
    const flags = entrypoints.flatMap((entrypoint) => ['-e', entrypoint]);
    execFileSync(OPA, ['build', '-t', 'wasm', ...flags, '-o', 'bundle.tar.gz', 'policy.rego'], { cwd: folder });
    execFileSync('tar', ['-xzPf', 'bundle.tar.gz', '--transform', 's|^/||', '/policy.wasm'], { cwd: folder });
    return { wasm: readFileSync(join(folder, 'policy.wasm')), data: Buffer.from(JSON.stringify(data)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
