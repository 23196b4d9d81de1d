import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEMPLATES } from './templates.ts';

/** Jest calls this before all tests; its workers inherit the environment. */
export default function start(): void {
  process.env[TEMPLATES] = mkdtempSync(join(tmpdir(), 'verdict-tests-'));
}
