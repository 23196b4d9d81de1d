import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Head, type Report, Signers, verify } from '../../src/audit/index.ts';
import { readAnchors } from '../../src/cli/log-folder.ts';
import { source } from '../audit/signed-log.ts';
import { Stand } from './harness.ts';
import { run } from './program.ts';

// A log as the built gateway writes it: opened, one call allowed and one denied, closed.
let stand: Stand;
let name: string;
let log: Buffer;
let lines: number;
let signers: Signers;
let head: Head;
beforeAll(async () => {
  stand = await Stand.open({ routes: [{ id: 'support', match: { path: '/support' }, policy: 'support' }] });
  const call = { model: 'gpt-5-mini', max_tokens: 2, messages: [{ role: 'user' as const, content: 'Hi' }] };
  await stand.gpt().chat.completions.create(call);
  await stand
    .gpt()
    .chat.completions.create({ ...call, model: 'gpt-none' })
    .catch(() => {});
  await stand.entry(({ type }) => type === 'outcome');
  stand.program.signal('SIGTERM');
  await stand.program.exited;
  const names = readdirSync(stand.auditFolder).filter((file) => file.endsWith('.log'));
  expect(names.length).toBe(1);
  name = names[0] ?? '';
  log = readFileSync(join(stand.auditFolder, name));
  lines = log.toString('latin1').split('\n').length - 1;
  signers = new Signers(await readAnchors(stand.site.path('pki', 'root.pem')));
  const report = await judge(log);
  expect(report).toMatchObject({ outcome: 'signed', records: lines, closed: true, unfinished: 0 });
  if (!report.head) throw new Error('expected a head');
  head = report.head;
});
afterAll(async () => {
  await Promise.all([stand.openai.close(), stand.anthropic.close(), stand.site.remove()]);
});

const judge = (bytes: Buffer, heads: Head[] = []): Promise<Report> =>
  verify(source({ [name]: bytes }), { anchors: signers, time: new Date(), heads });

const flipped = (at: number, bit: number): Buffer => {
  const bytes = Buffer.from(log);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes;
};

/** Number of the line that a byte of the whole log belongs to, its LF included; from 1. */
const lineOf = (at: number): number => log.subarray(0, at).toString('latin1').split('\n').length;

/** What is wrong with the judgement of a log with one byte changed; undefined if nothing. */
function misjudged(at: number, { outcome, finding, records }: Report): string | undefined {
  const line = lineOf(at);
  const told = JSON.stringify({ at, line, outcome, finding, records });
  if (outcome === 'signed' || outcome === 'empty') return `not found: ${told}`;
  if (outcome === 'torn_tail') return at === log.length - 1 ? undefined : `taken for a torn tail: ${told}`;
  if (finding?.segment !== name || finding.line !== line || records !== line - 1) return `at another line: ${told}`;
  return undefined;
}

describe('a log that the gateway wrote', () => {
  test('has records of these kinds', () => {
    const types = [
      'log_opened',
      'config_activated',
      'bundle_activated',
      'decision',
      'decision',
      'outcome',
      'log_closed',
    ];
    expect(
      stand
        .journal()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(types.sort());
  });

  test('is refused with any byte changed, at the line where it was changed', async () => {
    const wrong: string[] = [];
    for (let at = 0; at < log.length; at++) {
      const misjudgement = misjudged(at, await judge(flipped(at, at % 8)));
      if (misjudgement) wrong.push(misjudgement);
    }
    expect(wrong).toEqual([]);
  }, 240_000);

  test('is refused with any bit changed in the lines that begin and end it', async () => {
    const wrong: string[] = [];
    const last = log.lastIndexOf(0x0a, log.length - 2) + 1;
    const places = [
      ...Array.from({ length: 300 }, (_, at) => at),
      ...Array.from({ length: log.length - last }, (_, at) => last + at),
    ];
    for (const at of places) {
      for (let bit = 0; bit < 8; bit++) {
        const misjudgement = misjudged(at, await judge(flipped(at, bit)));
        if (misjudgement) wrong.push(misjudgement);
      }
    }
    expect(wrong).toEqual([]);
  }, 240_000);

  test('cut off anywhere reads as a torn tail, or as the shorter log that it is, and never as the whole one', async () => {
    for (let end = 0; end < log.length; end++) {
      const cut = log.subarray(0, end);
      const whole = cut.toString('latin1').split('\n').length - 1;
      const { outcome, records, tail, finding, closed } = await judge(cut);
      const length = end - (cut.lastIndexOf(0x0a) + 1);
      const expected = length > 0 ? 'torn_tail' : whole === 0 ? 'empty' : 'signed';
      expect({ end, outcome, records, finding, tail }).toEqual({
        end,
        outcome: expected,
        records: whole,
        finding: null,
        tail: length > 0 ? { segment: name, length } : null,
      });
      expect(closed).toBe(false);
    }
  }, 240_000);

  test('cut off anywhere is found by whoever saw its head', async () => {
    for (let end = 0; end < log.length; end += 97) {
      const { outcome, finding } = await judge(log.subarray(0, end), [head]);
      expect({ end, outcome, code: finding?.code }).toEqual({ end, outcome: 'rolled_back', code: 'HEAD_MISSING' });
    }
  });

  test('changed or cut is told by the built program, with its exit code', async () => {
    const file = stand.site.path(name);
    const ask = async (bytes: Buffer) => {
      writeFileSync(file, bytes);
      const { code, stdout } = await run(['verify', file, '--ca', stand.site.path('pki', 'root.pem'), '--json']);
      return { code, report: JSON.parse(stdout) as Report };
    };
    expect(await ask(log)).toMatchObject({ code: 0, report: { outcome: 'signed' } });
    for (let nth = 0; nth < 5; nth++) {
      const at = Math.floor(((nth + 0.5) * log.length) / 5);
      const { code, report } = await ask(flipped(at, nth));
      expect(code).toBe(1);
      expect(misjudged(at, report)).toBeUndefined();
    }
    expect(await ask(log.subarray(0, log.length - 10))).toMatchObject({
      code: 1,
      report: { outcome: 'torn_tail', records: lines - 1 },
    });
  });
});
