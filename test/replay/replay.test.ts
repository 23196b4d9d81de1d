import { beforeAll, describe, expect, test } from '@jest/globals';
import type { VerifiedBundle } from '../../src/bundle/index.ts';
import {
  type BundleStore,
  type Replayed,
  type ReplayOptions,
  type ReplaySummary,
  replayLog,
} from '../../src/replay/index.ts';
import { FIRST, type HandLog, source, testPki } from '../audit/signed-log.ts';
import { AFTER, activate, BEFORE, bundleOf, decide, openedLog, pki } from './recorded.ts';

let one: VerifiedBundle;
let two: VerifiedBundle;

beforeAll(async () => {
  one = await bundleOf(['small'], 1);
  two = await bundleOf(['small', 'large'], 2);
});

const store = (...files: [string, Uint8Array][]): BundleStore => ({
  async *candidates() {
    for (const [name, bytes] of files) yield { name, bytes };
  },
});
const both = (): BundleStore => store([`${one.digest}.tar.gz`, one.bytes], [`${two.digest}.tar.gz`, two.bytes]);

interface Run extends ReplaySummary {
  replayed: Replayed[];
}

async function run(log: HandLog | Buffer, bundles: BundleStore, more: Partial<ReplayOptions> = {}): Promise<Run> {
  const replayed: Replayed[] = [];
  const bytes = Buffer.isBuffer(log) ? log : log.bytes();
  const summary = await replayLog(source({ [FIRST]: bytes }), {
    anchors: pki.anchors,
    time: AFTER,
    bundles,
    onReplayed: (one) => void replayed.push(one),
    ...more,
  });
  return { ...summary, replayed };
}

const NONE = { match: 0, mismatch: 0, bundle_missing: 0, input_withheld: 0, not_evaluated: 0 };

describe('deciding again', () => {
  test('gives the same bytes, each by the bundle that decided', async () => {
    const log = openedLog();
    activate(log, one);
    decide(log, one, 'small');
    decide(log, one, 'large');
    activate(log, two);
    decide(log, two, 'large');
    const { report, counts } = await run(log, both());
    expect(report.outcome).toBe('signed');
    expect(counts).toEqual({ ...NONE, match: 3 });
  });

  test('finds a decision that policy does not take, and says where it differs', async () => {
    const log = openedLog();
    const result = { effect: 'allow', obligations: [], reasons: [] };
    decide(log, one, 'large', { result, effect_enforced: 'forward' });
    const { counts, replayed } = await run(log, both());
    expect(counts).toEqual({ ...NONE, mismatch: 1 });
    expect(replayed[0]?.details).toEqual([
      'effect: "allow" → "deny"',
      'reasons[0]: nothing → {"code":"MODEL_NOT_ALLOWED","message":"no"}',
    ]);
  });

  test('finds the same decision in other bytes, and names another engine', async () => {
    const log = openedLog();
    decide(log, one, 'small', { result: { reasons: [], effect: 'allow', obligations: [] }, engine: 'opa-wasm/0.9' });
    const { counts, replayed } = await run(log, both());
    expect(counts).toEqual({ ...NONE, mismatch: 1 });
    expect(replayed[0]?.details).toEqual([
      'the same values in other bytes',
      'recorded by engine opa-wasm/0.9, replayed by opa-wasm/1.10.0',
    ]);
  });

  test('takes one decision alone, while all are verified', async () => {
    const log = openedLog();
    decide(log, one, 'small');
    const id = decide(log, one, 'large');
    const { report, counts, replayed } = await run(log, both(), { id });
    expect(report.records).toBe(4);
    expect(counts).toEqual({ ...NONE, match: 1 });
    expect(replayed[0]?.record.id).toBe(id);
    expect((await run(log, both(), { id: 'no such' })).counts).toEqual(NONE);
  });
});

describe('what cannot be replayed is said, and never counts as a match', () => {
  const only = async (outcome: keyof typeof NONE, log: HandLog, bundles: BundleStore): Promise<string> => {
    const { counts, replayed } = await run(log, bundles);
    expect(counts).toEqual({ ...NONE, [outcome]: 1 });
    return replayed[0]?.details.join('; ') ?? '';
  };

  test('a bundle that is not there', async () => {
    const log = openedLog();
    decide(log, one, 'small');
    expect(await only('bundle_missing', log, store())).toContain(`no bundle ${one.digest}`);
    expect(await only('bundle_missing', log, store([`${one.digest}.tar.gz`, two.bytes]))).toContain('no bundle');
  });

  test('a bundle that was changed', async () => {
    const log = openedLog();
    decide(log, one, 'small');
    const bytes = Buffer.from(one.bytes);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    expect(await only('bundle_missing', log, store(['b.tar.gz', bytes]))).toContain('b.tar.gz was refused');
  });

  test('a bundle of a signer whom the reader does not trust, or whose certificate had expired when it was activated', async () => {
    const stranger = testPki(BEFORE);
    const log = openedLog();
    const strange = await bundleOf(['small'], 1, stranger);
    decide(log, strange, 'small');
    expect(await only('bundle_missing', log, store(['b.tar.gz', strange.bytes]))).toContain('BUNDLE_SIGNER_UNTRUSTED');

    const past = new Date(BEFORE.getTime() - 10 * 86400_000);
    const old = testPki(past, 1);
    const expired = await bundleOf(['small'], 1, old, new Date(past.getTime() + 1000));
    const late = openedLog();
    activate(late, expired);
    decide(late, expired, 'small');
    const anchors = [...pki.anchors, ...old.anchors];
    const { counts, replayed } = await run(late, store(['b.tar.gz', expired.bytes]), { anchors });
    expect(counts).toEqual({ ...NONE, bundle_missing: 1 });
    expect(replayed[0]?.details[0]).toContain('BUNDLE_SIGNER_EXPIRED');
  });

  test('text that was withheld', async () => {
    const log = openedLog();
    decide(log, one, 'small', { input_form: 'digest', input_sha256: 'ab'.repeat(32) });
    expect(await only('input_withheld', log, both())).toContain('digests in place of text');
  });

  test('a digest form that withheld nothing is replayed', async () => {
    const log = openedLog();
    decide(log, one, 'small', { input_form: 'digest' });
    await only('match', log, both());
  });

  test("the gateway's own decisions and the engine's faults", async () => {
    const denial = (code: string) => ({ effect: 'deny', obligations: [], reasons: [{ code, message: 'x' }] });
    const gateway = openedLog();
    decide(gateway, one, 'small', {
      entrypoint: null,
      engine: null,
      bundle: null,
      result: denial('ROUTE_UNKNOWN'),
      effect_enforced: 'refuse',
    });
    expect(await only('not_evaluated', gateway, both())).toContain('the gateway itself decided');
    for (const code of ['POLICY_ERROR', 'POLICY_DEADLINE']) {
      const log = openedLog();
      decide(log, one, 'small', { result: denial(code), effect_enforced: 'refuse' });
      expect(await only('not_evaluated', log, both())).toContain(code);
    }
  });

  test('nothing after the first bad line', async () => {
    const log = openedLog();
    for (let i = 0; i < 3; i++) decide(log, one, 'small');
    const bytes = log.bytes();
    const third = bytes.indexOf(Buffer.from('"seq":3'));
    bytes[third + 100] = (bytes[third + 100] ?? 0) ^ 1;
    const { report, counts } = await run(bytes, both());
    expect(report).toMatchObject({ outcome: 'tampered', finding: { line: 4 } });
    expect(counts).toEqual({ ...NONE, match: 1 });
  });
});
