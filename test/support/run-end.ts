import { rmSync } from 'node:fs';
import { TEMPLATES } from './templates.ts';

/** Jest calls this after all tests. */
export default function end(): void {
  const folder = process.env[TEMPLATES];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
