import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { verify } from '../../src/audit/index.ts';
import { Certificate } from '../../src/pki/index.ts';
import { freshFolder, linesOf, openLog } from './support.ts';

const folder = resolve('test/audit/vectors');
const expected: { outcome: string; time: string; lines: Record<string, unknown>[] } = JSON.parse(
  readFileSync(join(folder, 'expected.json'), 'utf8'),
);
const anchors = Certificate.fromPem(readFileSync(join(folder, 'root.pem'), 'utf8'));
const TYPES = [
  'approval',
  'bundle_activated',
  'config_activated',
  'decision',
  'key_rotated',
  'log_closed',
  'log_opened',
  'outcome',
  'recovered',
];

function source(from: string) {
  const names = readdirSync(from).filter((name) => /^[0-9]{16}\.log$/.test(name));
  return {
    segments: names.map((name) => ({
      name,
      size: 0,
      async *chunks() {
        yield readFileSync(join(from, name));
      },
    })),
  };
}

test('the committed log is what its expectations say, line by line, and holds every type of record', () => {
  const lines = linesOf(folder).map(({ segment, bytes, record }) => {
    const { seq, type, effect_enforced, input_form, signer } = record;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return JSON.parse(JSON.stringify({ segment, seq, type, effect_enforced, input_form, signer, sha256 }));
  });
  expect(lines).toEqual(expected.lines);
  expect([...new Set(lines.map(({ type }) => type))].sort()).toEqual(TYPES);
  expect(new Set(lines.map(({ segment }) => segment)).size).toBe(2);
});

test('the committed log verifies, for ever', async () => {
  const report = await verify(source(folder), { anchors, time: new Date(expected.time) });
  expect(report).toMatchObject({
    outcome: expected.outcome,
    finding: null,
    records: expected.lines.length,
    closed: true,
  });
  expect(report.head).toEqual({ seq: expected.lines.length - 1, digest: expected.lines.at(-1)?.sha256 });
});

test('text that a record withholds is nowhere in the log', () => {
  for (const { json } of linesOf(folder)) expect(json.toString()).not.toContain('Please do not keep this');
});

test('a writer of today continues the committed log', async () => {
  const copy = freshFolder();
  cpSync(folder, copy, { recursive: true });
  const log = await openLog(copy);
  await log.close('stopped');
  const lines = linesOf(copy);
  const last = expected.lines.at(-1);
  expect(lines[expected.lines.length]?.record).toMatchObject({
    type: 'log_opened',
    opened: 'continued',
    prev: last?.sha256,
  });
});
