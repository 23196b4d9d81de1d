import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDevelopmentPki } from '../../src/pki/index.ts';
import { CHAT_BODY, codes, Stand, type StandOptions, until } from './harness.ts';

const DAY_MS = 86_400_000;

interface Readiness {
  status: number;
  ready: boolean;
  checks: Record<string, boolean>;
}

async function readiness(stand: Stand): Promise<Readiness> {
  const response = await fetch(`${stand.url}/readyz`);
  return { status: response.status, ...((await response.json()) as Omit<Readiness, 'status'>) };
}

const chat = (stand: Stand) =>
  stand
    .gpt()
    .chat.completions.create(CHAT_BODY)
    .then(
      () => 'allowed',
      (error: { status?: number; code?: string }) => `${error.status} ${error.code}`,
    );

const metric = async (stand: Stand, name: string): Promise<number> => {
  const text = await (await fetch(`${stand.url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
};

describe('a gateway that is well', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await Stand.open();
  });
  afterAll(() => stand.close());

  test('says so, to anybody, and leaves no record of it', async () => {
    const { records } = await stand.during(async () => {
      const alive = await fetch(`${stand.url}/healthz`);
      expect([alive.status, await alive.text()]).toEqual([200, 'ok\n']);
      expect(await readiness(stand)).toEqual({
        status: 200,
        ready: true,
        checks: { bundle: true, log: true, certificate: true, running: true },
      });
      expect((await fetch(`${stand.url}/readyz`, { method: 'HEAD' })).status).toBe(200);
      expect((await fetch(`${stand.url}/metrics`)).headers.get('content-type')).toMatch(
        /^text\/plain; version=0\.0\.4/,
      );
    });
    expect(records).toEqual([]);
  });

  test('these paths are no routes', async () => {
    for (const method of ['POST', 'DELETE']) {
      const { value, decision } = await stand.decided(() => fetch(`${stand.url}/metrics`, { method }));
      expect(value.status).toBe(404);
      expect(codes(decision)).toEqual(['ROUTE_UNKNOWN']);
    }
  });

  test('counts its decisions by closed sets of labels', async () => {
    await chat(stand);
    await stand
      .gpt()
      .chat.completions.create({ ...CHAT_BODY, model: 'gpt-5-pro' })
      .catch(() => {});
    await stand
      .gpt({ token: 'sk-wrong' })
      .chat.completions.create(CHAT_BODY)
      .catch(() => {});
    await stand
      .gpt({ route: 'nowhere-7' })
      .models.list()
      .catch(() => {});
    await stand.during(async () => {});
    expect(await metric(stand, 'verdict_decisions_total{route="support",effect="forward",code=""}')).toBe(1);
    expect(await metric(stand, 'verdict_decisions_total{route="support",effect="refuse",code="POLICY"}')).toBe(1);
    expect(
      await metric(stand, 'verdict_decisions_total{route="support",effect="refuse",code="IDENTITY_INVALID"}'),
    ).toBe(1);
    expect(await metric(stand, 'verdict_upstream_responses_total{route="support",ended="complete"}')).toBe(1);
    expect(await metric(stand, 'verdict_decision_seconds_count')).toBeGreaterThanOrEqual(4);
    expect(await metric(stand, 'verdict_log_writable')).toBe(1);
    expect(await (await fetch(`${stand.url}/metrics`)).text()).not.toContain('nowhere-7');
  });

  test('writes one line for each call', async () => {
    const lineOf = async (id: string) => {
      await until(() => stand.program.lines().find(({ decision }) => decision === id), 'the line is there');
      const lines = stand.program.lines().filter(({ decision }) => decision === id);
      expect(lines).toHaveLength(1);
      return lines[0];
    };
    const { decision } = await stand.decided(() => chat(stand));
    const line = await lineOf(decision.id);
    expect(line).toMatchObject({ level: 30, route: 'support', mode: 'enforce', effect: 'forward', codes: [] });
    expect(line?.decided_us).toBeGreaterThan(0);
    const refused = await stand.decided(() =>
      stand
        .gpt({ route: 'shadow', token: 'sk-wrong' })
        .models.list()
        .catch(() => {}),
    );
    expect(await lineOf(refused.decision.id)).toMatchObject({
      route: 'shadow',
      effect: 'refuse',
      codes: ['IDENTITY_INVALID'],
    });
  });
});

describe('a log that takes no records', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await Stand.open();
  });
  afterAll(() => stand.close([/log|record/]));

  test('makes the gateway refuse, forward nothing, and say that it is not ready; and it mends', async () => {
    expect(await chat(stand)).toBe('allowed');
    await stand.during(async () => {});
    stand.forgetRequests();
    const segment = join(stand.auditFolder, '0000000000000000.log');
    // As a full disk: what is written beyond this size fails.
    execFileSync('prlimit', ['--pid', String(stand.program.pid), `--fsize=${statSync(segment).size}:`]);
    expect(await chat(stand)).toBe('503 AUDIT_UNAVAILABLE');
    expect(await readiness(stand)).toMatchObject({ status: 503, ready: false, checks: { log: false, bundle: true } });
    expect(await metric(stand, 'verdict_log_writable')).toBe(0);
    const error = await stand.ask(stand.chat());
    expect([error.status, error.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await fetch(`${stand.url}/healthz`)).status).toBe(200); // to start it again would not help
    expect(stand.forwarded).toBe(0);
    execFileSync('prlimit', ['--pid', String(stand.program.pid), '--fsize=unlimited:']);
    await until(async () => ((await readiness(stand)).ready ? true : undefined), 'the gateway is ready again');
    expect(await chat(stand)).toBe('allowed');
  });
});

describe('what ends', () => {
  const end = new Date();
  const stands: Stand[] = [];
  let withBundle: Stand;
  let withCertificate: Stand;

  /** Two gateways to which something happens in a few seconds; until then they are well. */
  beforeAll(async () => {
    end.setTime(Math.ceil(Date.now() / 1000) * 1000 + 8000);
    const open = async (options: StandOptions): Promise<Stand> => {
      const stand = await Stand.open(options);
      stands.push(stand);
      expect(await chat(stand)).toBe('allowed');
      expect((await readiness(stand)).ready).toBe(true);
      await stand.during(async () => {});
      stand.forgetRequests();
      return stand;
    };
    withBundle = await open({
      prepare: async (site) => site.placeBundle(await site.bundleWith({ notAfter: end })),
    });
    withCertificate = await open({
      audit: { ca: 'pki/other.pem', certificate: 'pki/other-audit.pem', key: 'pki/other-audit.key' },
      async prepare(site) {
        const { root, audit } = createDevelopmentPki({ now: new Date(end.getTime() - DAY_MS), days: 1 });
        writeFileSync(site.path('pki', 'other.pem'), root.certificatePem);
        writeFileSync(site.path('pki', 'other-audit.pem'), audit.certificatePem);
        writeFileSync(site.path('pki', 'other-audit.key'), audit.keyPem, { mode: 0o600 });
      },
    });
    await sleep(end.getTime() - Date.now() + 1100);
  });
  afterAll(() => Promise.all(stands.map((stand) => stand.discard())));

  test('the bundle: 503 BUNDLE_EXPIRED, recorded, and not ready', async () => {
    const stand = withBundle;
    const { value, decision } = await stand.decided(() => chat(stand));
    expect(value).toBe('503 BUNDLE_EXPIRED');
    expect(decision).toMatchObject({ effect_enforced: 'refuse', entrypoint: null, bundle: null });
    expect(await readiness(stand)).toMatchObject({ status: 503, checks: { bundle: false, log: true } });
    // Shadow is no way around it.
    const shadow = await stand.decided(() => stand.ask(stand.chat([], undefined, '/shadow/v1/chat/completions')));
    expect(codes(shadow.decision)).toEqual(['BUNDLE_EXPIRED']);
    expect(stand.forwarded).toBe(0);
    await stand.site.placeBundle(await stand.site.bundleWith({ sequence: 2, notAfter: new Date(Date.now() + DAY_MS) }));
    await until(async () => ((await readiness(stand)).ready ? true : undefined), 'the next bundle is in use');
    expect(await chat(stand)).toBe('allowed');
    await stand.close();
  });

  test('the audit certificate: nothing can be recorded, so nothing is forwarded, and what was recorded stays good', async () => {
    const stand = withCertificate;
    expect(await chat(stand)).toBe('503 AUDIT_UNAVAILABLE');
    expect(await readiness(stand)).toMatchObject({ status: 503, checks: { certificate: false, log: false } });
    expect(stand.forwarded).toBe(0);
    stand.program.signal('SIGTERM');
    expect(await stand.program.exited).toBe(3);
    expect(stand.program.stderr).toContain('the log could not be closed');
    expect(await stand.verify()).toMatchObject({ outcome: 'signed', closed: false, unfinished: 0 });
    // Nor does it start again.
    await expect(stand.restart()).rejects.toThrow(/the audit key cannot sign this log: .* was valid until/);
  });
});
