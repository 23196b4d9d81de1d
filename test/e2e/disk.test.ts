import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import type { Fault } from '../audit/faulty-disk.ts';
import { until } from './harness.ts';
import { MAIN } from './program.ts';
import { Accounts } from './withstand/accounts.ts';
import { Follower } from './withstand/follower.ts';
import { GatewayProcess } from './withstand/gateway-process.ts';
import { generator, Load } from './withstand/load.ts';
import { makePlace, type Place, verifyLog } from './withstand/place.ts';
import { SmallDisk } from './withstand/small-disk.ts';
import { CountingUpstream } from './withstand/upstream.ts';

const DISK_BYTES = 6 * 1024 * 1024;
/** More than a file's last page can still take on a full disk. */
const PROMPT = 'where is order 1183? '.repeat(400);
const MESSAGES = [{ role: 'user' as const, content: PROMPT }];
const CHAT = { model: 'gpt-5-mini', max_tokens: 8, messages: MESSAGES };
const MESSAGE = { model: 'claude-haiku-5-5', max_tokens: 8, messages: MESSAGES };

let upstream: CountingUpstream;
let place: Place;
beforeAll(async () => {
  upstream = await CountingUpstream.start();
});
afterAll(() => upstream.close());
beforeEach(async () => {
  place = await makePlace({ upstream: upstream.url, audit: { segment_bytes: 1024 * 1024 } });
  upstream.arrivals.length = 0;
});
afterEach(() => place.site.remove());

const openai = ({ url }: GatewayProcess): OpenAI =>
  new OpenAI({ apiKey: place.token, baseURL: `${url}/support/v1`, maxRetries: 0 });
const anthropic = ({ url }: GatewayProcess): Anthropic =>
  new Anthropic({ apiKey: place.token, baseURL: `${url}/support`, maxRetries: 0 });

interface Readiness {
  status: number;
  checks: { log: boolean; bundle: boolean };
}

async function readiness({ url }: GatewayProcess): Promise<Readiness> {
  const response = await fetch(`${url}/readyz`);
  const { checks } = (await response.json()) as Readiness;
  return { status: response.status, checks };
}

const ready = (gateway: GatewayProcess): Promise<boolean> =>
  until(async () => ((await readiness(gateway)).status === 200 ? true : undefined), 'the gateway is ready again');

/** Calls of both dialects, allowed and denied, are all refused for one reason, each as its SDK expects it. */
async function expectUnavailable(gateway: GatewayProcess): Promise<void> {
  const before = upstream.arrivals.length;
  for (const body of [CHAT, { ...CHAT, model: 'gpt-none' }]) {
    const error = await openai(gateway)
      .chat.completions.create(body)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 503, code: 'AUDIT_UNAVAILABLE' });
  }
  const error = await anthropic(gateway)
    .messages.create(MESSAGE)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Anthropic.InternalServerError);
  expect(error).toMatchObject({ status: 503, error: { type: 'error' } });
  expect((error as Error).message).toContain('AUDIT_UNAVAILABLE');
  expect(upstream.arrivals.length).toBe(before);
  expect(await readiness(gateway)).toMatchObject({ status: 503, checks: { log: false, bundle: true } });
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
}

describe('a disk that is full', () => {
  let disk: SmallDisk;
  let command: string[];
  beforeEach(async () => {
    disk = await SmallDisk.mount(place.log, DISK_BYTES);
    command = [...disk.enter, process.execPath, MAIN, 'start', '--config'];
  });
  afterEach(() => disk.unmount());

  test('refuses every call as AUDIT_UNAVAILABLE, forwards none, and goes on when there is space', async () => {
    const gateway = new GatewayProcess(place, command);
    await gateway.ready;
    await openai(gateway).chat.completions.create(CHAT);
    await anthropic(gateway).messages.create(MESSAGE);
    for (let again = 0; again < 3; again++) {
      // Outcomes come after their answers; one that finds the disk full is lost.
      await until(() => (verifyLog(disk.path, place).unfinished === 0 ? true : undefined), 'all outcomes are recorded');
      disk.fill();
      await expectUnavailable(gateway);
      disk.free();
      await ready(gateway);
      await openai(gateway).chat.completions.create(CHAT);
      await anthropic(gateway).messages.create(MESSAGE);
    }
    expect(await gateway.stop()).toBe(0);
    expect(upstream.arrivals.length).toBe(8);
    const report = verifyLog(disk.path, place);
    expect(report).toMatchObject({ outcome: 'signed', closed: true, unfinished: 0, decisions: { forwarded: 8 } });
  });

  test('under load: whatever arrives upstream was recorded, and the log is whole', async () => {
    const gateway = new GatewayProcess(place, command);
    await gateway.ready;
    const follower = new Follower(disk.path);
    const accounts = new Accounts(upstream, follower);
    const load = new Load(gateway, accounts, place.token, generator(1));
    for (let again = 0; again < 3; again++) {
      await until(
        async () => ((await readiness(gateway)).status === 503 ? true : undefined),
        'the load has filled the disk',
      );
      const before = upstream.arrivals.length;
      await sleep(200);
      expect(upstream.arrivals.length - before).toBeLessThanOrEqual(8); // those that were on their way
      await disk.grow(DISK_BYTES * (again + 2));
      await ready(gateway);
    }
    await load.stop();
    expect(load.unanswered).toEqual([]);
    expect(await gateway.stop()).toBe(0);
    expect(follower.read()).toBeUndefined();
    accounts.check();
    expect(verifyLog(disk.path, place)).toMatchObject({ outcome: 'signed', closed: true, records: follower.records });
  });

  test('refuses to start, and starts when there is space', async () => {
    const first = new GatewayProcess(place, command);
    await first.ready;
    await first.stop();
    disk.fill();
    const refused = new GatewayProcess(place, command);
    await expect(refused.ready).rejects.toThrow(/ended with 3:.*ENOSPC/s);
    disk.free();
    const second = new GatewayProcess(place, command);
    await second.ready;
    await openai(second).chat.completions.create(CHAT);
    expect(await second.stop()).toBe(0);
    expect(verifyLog(disk.path, place)).toMatchObject({ outcome: 'signed', closed: true, decisions: { forwarded: 1 } });
  });
});

describe('a disk that fails', () => {
  let plan: string;
  let gateway: GatewayProcess;
  const failing = (...faults: Fault[]): void => writeFileSync(plan, JSON.stringify(faults));
  beforeEach(async () => {
    plan = join(place.site.folder, 'faults.json');
    failing();
    const program = join(import.meta.dirname, 'withstand', 'faulty-gateway.ts');
    gateway = new GatewayProcess(place, [process.execPath, program, plan]);
    await gateway.ready;
  });
  afterEach(() => gateway.stop('SIGKILL'));

  test.each([
    ['fdatasync', { op: 'sync', from: 0, times: 1e9, error: 'EIO' }],
    ['write', { op: 'write', from: 0, times: 1e9, error: 'EIO' }],
    ['write that takes a part', { op: 'write', from: 0, times: 1e9, error: 'ENOSPC', part: 1000, short: true }],
  ] as const)('at every %s: nothing is forwarded until it works again', async (_, fault) => {
    await openai(gateway).chat.completions.create(CHAT);
    failing(fault);
    await expectUnavailable(gateway);
    failing();
    await ready(gateway);
    await openai(gateway).chat.completions.create(CHAT);
    await anthropic(gateway).messages.create(MESSAGE);
    expect(await gateway.stop()).toBe(0);
    expect(upstream.arrivals.length).toBe(3);
    expect(verifyLog(place.log, place)).toMatchObject({ outcome: 'signed', closed: true });
  });

  test('now and then, under load: whatever arrives upstream was recorded, and the log is whole', async () => {
    const follower = new Follower(place.log);
    const accounts = new Accounts(upstream, follower);
    const random = generator(2);
    const load = new Load(gateway, accounts, place.token, random);
    const ops = ['sync', 'write', 'sync', 'truncate', 'any', 'sync'] as const;
    for (let round = 0; round < 24; round++) {
      const op = ops[round % ops.length] ?? 'any';
      const part = op === 'write' && random() < 0.5 ? { part: Math.floor(random() * 5000), short: random() < 0.5 } : {};
      failing({ op, from: Math.floor(random() * 10), times: 1 + Math.floor(random() * 3), error: 'EIO', ...part });
      await sleep(100 + random() * 200);
    }
    failing();
    await ready(gateway);
    await load.stop();
    expect(load.unanswered).toEqual([]);
    expect(await gateway.stop()).toBe(0);
    expect(follower.read()).toBeUndefined();
    accounts.check();
    expect(upstream.arrivals.length).toBeGreaterThan(20);
    expect(verifyLog(place.log, place)).toMatchObject({ outcome: 'signed', closed: true, records: follower.records });
  });
});
