import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDevelopmentPki, openSigner } from '../../src/pki/index.ts';
import { CHAT_BODY, type Entry, Stand, until, Wire } from './harness.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open();
});
afterAll(() => stand.close([/the bundle was not activated/]));

const chat = () => stand.gpt().chat.completions.create(CHAT_BODY);
const activations = (): Entry[] => stand.journal().filter(({ type }) => type === 'bundle_activated');
const refusals = (): string[] =>
  stand.program.lines().flatMap(({ msg, error }) => (/not activated/.test(String(msg)) ? [String(error)] : []));

/** Puts a bundle in place and waits until the gateway says that it was refused; returns its words. */
async function refused(place: () => Promise<void>): Promise<string> {
  const before = refusals().length;
  await place();
  await until(() => (refusals().length > before ? true : undefined), 'the bundle is refused');
  return refusals().slice(before).join('\n');
}

test('a bundle is replaced under load without a call dropped, and each decision names the one that made it', async () => {
  let going = true;
  let calls = 0;
  const client = async (): Promise<void> => {
    while (going) {
      await chat(); // rejects if it is refused
      calls++;
    }
  };
  const clients = Array.from({ length: 8 }, client);
  const { records } = await stand.during(async () => {
    for (const sequence of [2, 3, 4]) {
      await sleep(300);
      await stand.site.placeBundle(await stand.site.bundleWith({ sequence, revision: `r${sequence}` }));
      await until(() => activations().find(({ bundle }) => bundle.sequence === sequence), 'it is in use');
    }
    await sleep(300);
    going = false;
    await Promise.all(clients);
  });
  const decisions = records.filter(({ type }) => type === 'decision');
  expect(decisions).toHaveLength(calls);
  expect(calls).toBeGreaterThan(100);
  expect(decisions.every(({ effect_enforced }) => effect_enforced === 'forward')).toBe(true);
  const known = new Map(activations().map(({ bundle }) => [bundle.digest, bundle]));
  expect(known.size).toBe(4);
  expect([...known.values()].map(({ sequence, revision }) => [sequence, revision])).toEqual([
    [1, '0.1.0'],
    [2, 'r2'],
    [3, 'r3'],
    [4, 'r4'],
  ]);
  // A decision names an activated bundle as the activation did; never one that was not yet in use; and the old ones fade out.
  const seen = new Set<number>();
  for (const entry of stand.journal()) {
    if (entry.type === 'bundle_activated') seen.add(entry.bundle.sequence);
    if (entry.type !== 'decision') continue;
    expect(entry.bundle).toEqual(known.get(entry.bundle.digest));
    expect(seen.has(entry.bundle.sequence)).toBe(true);
  }
  expect(new Set(decisions.map(({ bundle }) => bundle.sequence))).toEqual(new Set([1, 2, 3, 4]));
  expect(decisions.at(-1).bundle.sequence).toBe(4);
  const chain = activations().map(({ bundle, previous, rollback }) => [bundle.digest, previous, rollback]);
  expect(chain).toEqual(chain.map(([digest], i) => [digest, chain[i - 1]?.[0] ?? null, false]));
});

test('every bundle that was active is kept beside the log, as it was', () => {
  const kept = readdirSync(join(stand.auditFolder, 'bundles')).sort();
  expect(kept).toEqual(
    activations()
      .map(({ bundle }) => `${bundle.digest}.tar.gz`)
      .sort(),
  );
  const last = activations().at(-1).bundle.digest;
  expect(
    readFileSync(join(stand.auditFolder, 'bundles', `${last}.tar.gz`)).equals(readFileSync(stand.site.bundle)),
  ).toBe(true);
});

test('what is no good is not taken, and the one in use goes on deciding', async () => {
  const good = readFileSync(stand.site.bundle);
  const before = activations().length;
  const { site } = stand;
  expect(await refused(async () => site.placeBundle(await site.bundleWith({ sequence: 3 })))).toContain(
    'BUNDLE_ROLLBACK',
  );
  expect(await refused(() => site.placeBundle(Buffer.from('no bundle')))).toMatch(/BUNDLE_/);
  expect(await refused(() => site.placeBundle(good.subarray(0, -100)))).toMatch(/BUNDLE_/);
  expect(await refused(() => writeFile(site.bundle, ''))).toMatch(/BUNDLE_/); // not even replaced as a whole
  expect(
    await refused(async () =>
      site.placeBundle(await site.bundleWith({ sequence: 9, notAfter: new Date(Date.now() - 1000) }, good)),
    ),
  ).toMatch(/BUNDLE_EXPIRED/);
  const stranger = openSigner(createDevelopmentPki({ now: new Date(), days: 1 }).bundle);
  site.bundleSigner = async () => stranger;
  expect(await refused(async () => site.placeBundle(await site.bundleWith({ sequence: 9 }, good)))).toMatch(
    /BUNDLE_.*(UNTRUSTED|SIGNER)/,
  );
  Reflect.deleteProperty(site, 'bundleSigner');
  await unlink(site.bundle);
  await sleep(1300);
  expect(activations()).toHaveLength(before);
  const { decision } = await stand.decided(chat);
  expect(decision).toMatchObject({ effect_enforced: 'forward', bundle: { sequence: 4 } });
  expect((await fetch(`${stand.url}/readyz`)).status).toBe(200);
  // A good one after that is taken.
  await site.placeBundle(await site.bundleWith({ sequence: 5, revision: 'r5' }, good));
  await until(() => activations().find(({ bundle }) => bundle.sequence === 5), 'it is in use');
  await until(
    async () => ((await stand.decided(chat)).decision.bundle.sequence === 5 ? true : undefined),
    'it decides',
  );
});

test('a call keeps the bundle that it began with', async () => {
  const call = stand.chat();
  const wire = await Wire.open(stand.url);
  await wire.send(call.subarray(0, -10)); // its body is not there yet
  await sleep(100);
  const { value } = await stand.during(async () => {
    await stand.site.placeBundle(await stand.site.bundleWith({ sequence: 6, revision: 'r6' }));
    await until(() => activations().find(({ bundle }) => bundle.sequence === 6), 'it is in use');
    const other = await stand.ask(stand.chat());
    await wire.send(call.subarray(-10));
    return [await wire.answer(), other];
  });
  wire.destroy();
  const made = value.map(({ headers }) => stand.journal().find(({ id }) => id === headers.get('x-verdict-decision')));
  expect(made.map(({ bundle, effect_enforced }) => [bundle.sequence, effect_enforced])).toEqual([
    [5, 'forward'],
    [6, 'forward'],
  ]);
});

test('SIGHUP has it read again at once', async () => {
  await stand.site.placeBundle(await stand.site.bundleWith({ sequence: 7 }));
  stand.program.signal('SIGHUP');
  await until(() => activations().find(({ bundle }) => bundle.sequence === 7), 'it is in use');
});

test('a gateway that starts again does not go back either, unless it is told to, and that is recorded', async () => {
  const { site } = stand;
  stand.program.signal('SIGTERM');
  expect(await stand.program.exited).toBe(0);
  const current = readFileSync(site.bundle);
  await site.placeBundle(await site.bundleWith({ sequence: 5, revision: 'back' }));
  await expect(stand.restart()).rejects.toThrow('BUNDLE_ROLLBACK');
  const config = JSON.parse(readFileSync(site.config, 'utf8'));
  await writeFile(site.config, JSON.stringify({ ...config, bundle: { ...config.bundle, allow_rollback: true } }));
  await stand.restart();
  expect(activations().at(-1)).toMatchObject({ bundle: { sequence: 5, revision: 'back' }, rollback: true });
  const { decision } = await stand.decided(chat);
  expect(decision.bundle).toMatchObject({ sequence: 5, revision: 'back' });
  await site.placeBundle(current);
  await until(() => (activations().at(-1).bundle.sequence === 7 ? true : undefined), 'it goes forward again');
  expect(activations().at(-1).rollback).toBe(false);
});

test("a bundle whose signer's certificate expires while the gateway runs decides no more", async () => {
  const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 6000);
  const { root, bundle } = createDevelopmentPki({ now: new Date(end.getTime() - 86_400_000), days: 1 });
  const brief = await Stand.open({
    bundle: { ca: 'pki/brief.pem' },
    async prepare(site) {
      writeFileSync(site.path('pki', 'brief.pem'), root.certificatePem);
      site.bundleSigner = async () => openSigner(bundle);
      await site.placeBundle(await site.bundleWith({}));
    },
  });
  try {
    const ask = () => brief.ask(brief.chat());
    expect((await brief.decided(ask)).value.status).toBe(200);
    await sleep(end.getTime() - Date.now() + 100);
    brief.forgetRequests();
    const { value, decision } = await brief.decided(ask);
    expect([value.status, value.headers.get('x-verdict-code')]).toEqual([503, 'BUNDLE_EXPIRED']);
    expect(decision).toMatchObject({ effect_enforced: 'refuse', entrypoint: null, bundle: null });
    expect((await fetch(`${brief.url}/readyz`)).status).toBe(503);
    expect(brief.forwarded).toBe(0);
    await brief.close();
  } finally {
    await brief.discard();
  }
});
