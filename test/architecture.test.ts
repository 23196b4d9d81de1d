import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = resolve('src');

const SHARED = ['json', 'pki', 'bundle', 'policy', 'audit', 'input', 'identity', 'provider'];

/** What each room may import from, apart from itself. */
const MAY_IMPORT: Record<string, string[]> = {
  json: [],
  sse: [],
  pki: ['json'],
  bundle: ['json', 'pki'],
  policy: ['json', 'pki', 'bundle'],
  audit: ['json', 'pki'],
  input: ['json'],
  identity: ['json', 'input'],
  tool: ['json', 'input'],
  provider: ['json', 'sse', 'input', 'tool'],
  mcp: ['json', 'sse', 'input', 'tool'],
  hook: ['json', 'input', 'tool'],
  classify: ['json', 'input'],
  replay: ['json', 'pki', 'bundle', 'policy', 'audit'],
  gateway: [...SHARED, 'sse', 'classify', 'tool', 'mcp', 'hook'],
  cli: [...SHARED, 'classify', 'tool', 'mcp', 'hook', 'replay', 'gateway'],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(SRC, file));

function importsOf(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/(?:from|import\(|import|new URL\()\s*['"](\.[^'"]+\.ts)['"]/g);
  return [...found].map((match) => resolve(dirname(file), match[1] ?? ''));
}

const roomOf = (file: string): string => relative(SRC, file).split(sep)[0] ?? '';

test('every file lies in a known room', () => {
  expect(files.length).toBeGreaterThan(0);
  expect(files.map(roomOf).filter((room) => !(room in MAY_IMPORT))).toEqual([]);
});

test('a file imports only from rooms to its left, and from another room only through its index', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const room = roomOf(file);
    for (const target of importsOf(file)) {
      const other = roomOf(target);
      if (other === room) continue;
      const allowed = MAY_IMPORT[room]?.includes(other) && target === join(SRC, other, 'index.ts');
      if (!allowed) wrong.push(`${relative(SRC, file)} -> ${relative(SRC, target)}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('no cycles', () => {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) throw new Error(`cycle: ${[...path, file].map((f) => relative(SRC, f)).join(' -> ')}`);
    if (done.has(file)) return;
    for (const target of importsOf(file)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(done.size).toBe(files.length);
});
