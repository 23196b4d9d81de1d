import { beforeAll, describe, expect, test } from '@jest/globals';
import type { VerifiedBundle } from '../../src/bundle/index.ts';
import { register } from '../../src/cli/replay.ts';
import { AFTER, activate, bundleOf, decide, openedLog } from '../replay/recorded.ts';
import { CA, folderOf, logFolder, type Ran, run } from './reading.ts';

let bundle: VerifiedBundle;
let bundles: string;

beforeAll(async () => {
  bundle = await bundleOf(['small'], 1);
  bundles = folderOf({
    'any-name.tar.gz': bundle.bytes,
    'notes.txt': 'no bundle',
    'broken.tar.gz': 'no bundle either',
  });
});

const replay = (log: string, ...args: string[]): Promise<Ran> =>
  run(register, ['replay', log, '--bundles', bundles, '--ca', CA, '--at', AFTER.toISOString(), ...args]);

const DENIED_AS_ALLOWED = { result: { effect: 'allow', obligations: [], reasons: [] }, effect_enforced: 'forward' };

describe('verdict replay', () => {
  test('verifies, replays, and counts', async () => {
    const log = openedLog();
    activate(log, bundle);
    decide(log, bundle, 'small');
    decide(log, bundle, 'large');
    const { code, lines } = await replay(logFolder(log));
    expect(code).toBe(0);
    expect(lines[0]).toContain('SIGNED');
    expect(lines.at(-1)).toBe('replayed: 2 match, 0 mismatch, 0 bundle_missing, 0 input_withheld, 0 not_evaluated');
  });

  test('prints a mismatch with its difference', async () => {
    const log = openedLog();
    decide(log, bundle, 'small');
    const id = decide(log, bundle, 'large', DENIED_AS_ALLOWED);
    const { code, lines } = await replay(logFolder(log));
    expect(code).toBe(1);
    expect(lines[0]).toMatch(new RegExp(`^2026-11-24T20:00:04.000Z +3 +${id} +mismatch$`));
    expect(lines[1]).toBe('    effect: "allow" → "deny"');
  });

  test('replays one decision', async () => {
    const log = openedLog();
    const id = decide(log, bundle, 'small');
    decide(log, bundle, 'large', DENIED_AS_ALLOWED);
    const one = await replay(logFolder(log), '--id', id);
    expect([one.code, one.lines[0]]).toEqual([0, expect.stringContaining(`${id}  match`)]);
    const none = await replay(logFolder(log), '--id', 'nothing');
    expect([none.code, none.lines.at(-1)]).toEqual([1, 'no decision nothing in this log']);
  });

  test('misses a bundle, and does not pass a log that is bad', async () => {
    const log = openedLog();
    decide(log, await bundleOf(['other'], 3), 'small');
    const missing = await replay(logFolder(log));
    expect([missing.code, missing.lines[0]]).toEqual([1, expect.stringContaining('bundle_missing')]);
    const torn = await replay(logFolder(log.bytes().subarray(0, -1)));
    expect([torn.code, torn.lines[0]]).toEqual([1, expect.stringContaining('TORN TAIL')]);
  });

  test('prints JSON: one object per decision, then the totals', async () => {
    const log = openedLog();
    const id = decide(log, bundle, 'small');
    const { lines } = await replay(logFolder(log), '--json');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id, seq: 2, outcome: 'match', details: [] },
      { counts: { match: 1, mismatch: 0 }, log: { outcome: 'signed' } },
    ]);
  });

  test('a folder of bundles that cannot be read', async () => {
    const ran = await run(register, ['replay', logFolder(openedLog()), '--bundles', '/no/such/folder', '--ca', CA]);
    expect(ran).toMatchObject({ code: 3, message: expect.stringContaining('/no/such/folder') });
  });
});
