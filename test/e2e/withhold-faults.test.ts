import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../audit/faulty-disk.ts';
import { Hand } from './hand.ts';
import { type Answer, CHAT_BODY, type Entry, request, Stand, until, Wire } from './harness.ts';
import { run } from './program.ts';
import { ROUTES } from './site.ts';
import { GatewayProcess } from './withstand/gateway-process.ts';
import { makePlace, type Place, verifyLog } from './withstand/place.ts';

// A gateway that fails, is stopped or is killed in the middle of a stream: what is withheld stays withheld.

const MARK = '‡';
const delta = (value: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: value, finish_reason }] })}\n\n`;
const TEXT = delta({ content: 'first' });
const call = { name: 'lookup_order', arguments: JSON.stringify({ order: MARK.repeat(10) }) };
const CALL = delta({ tool_calls: [{ index: 0, id: 'call_0', type: 'function', function: call }] });
const FINISH = delta({}, 'tool_calls');
const STREAM = JSON.stringify({ ...CHAT_BODY, stream: true });
const routes = [...ROUTES, { id: 'strip', match: { path: '/strip' }, policy: 'support', on_denied_tool: 'strip' }];
const closed = (res: ServerResponse): Promise<void> =>
  new Promise((resolve) => (res.destroyed ? resolve() : res.once('close', resolve)));

let hand: Hand;
beforeEach(async () => {
  hand = await Hand.start();
});
afterEach(() => hand.close());

describe('a log that cannot be written when a tool call is decided', () => {
  let place: Place;
  let gateway: GatewayProcess;
  let plan: string;
  const failing = (...faults: Fault[]): void => writeFileSync(plan, JSON.stringify(faults));
  beforeEach(async () => {
    place = await makePlace({ upstream: hand.url, routes });
    plan = join(place.site.folder, 'faults.json');
    failing();
    const program = join(import.meta.dirname, 'withstand', 'faulty-gateway.ts');
    gateway = new GatewayProcess(place, [process.execPath, program, plan]);
    await gateway.ready;
  });
  afterEach(async () => {
    await gateway.stop('SIGKILL');
    await place.site.remove();
  });

  /** Asks, has the disk fail once the request's decision is on it, and upstream answer then. */
  async function ask(route: string, body: string, respond: (res: ServerResponse, wire: Wire) => Promise<void>) {
    const wire = await Wire.open(gateway.url);
    const lines = [
      `POST /${route}/v1/chat/completions HTTP/1.1`,
      'Host: verdict',
      `Authorization: Bearer ${place.token}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ];
    await wire.send(request(lines, body));
    const { res } = await hand.next();
    await respond(res, wire);
    const answer = await wire.answer();
    await closed(res);
    wire.destroy();
    return answer;
  }
  const fail = (): void => failing({ op: 'write', from: 0, times: 1e9, error: 'ENOSPC' });
  const recover = async (): Promise<void> => {
    failing();
    await until(async () => (await fetch(`${gateway.url}/readyz`)).status === 200 || undefined, 'it is ready again');
  };
  const stream = async (res: ServerResponse, wire: Wire, last = ''): Promise<void> => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(TEXT);
    await wire.sees('first');
    fail();
    res.write(CALL + FINISH);
    if (last) res.end(last);
  };
  const json = async (res: ServerResponse): Promise<void> => {
    fail();
    const message = { tool_calls: [{ id: 'call_0', type: 'function', function: call }] };
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }));
  };
  const expectNothing = ({ body, headers }: Answer): void => {
    expect(body.includes(MARK)).toBe(false);
    expect(body.toString()).toContain('AUDIT_UNAVAILABLE');
    expect(JSON.stringify([...headers])).not.toContain(MARK);
    expect(gateway.lines.join('\n')).not.toContain(MARK);
  };

  test('the stream ends with an error, upstream is left', async () => {
    const answer = await ask('support', STREAM, stream);
    expect(answer.body.toString().startsWith(TEXT)).toBe(true);
    expectNothing(answer);
    await recover();
    expect(await gateway.stop()).toBe(0);
    expect(verifyLog(place.log, place)).toMatchObject({ outcome: 'signed', closed: true });
  });

  test('a JSON response becomes a 503', async () => {
    const answer = await ask('support', JSON.stringify(CHAT_BODY), json);
    expect([answer.status, answer.headers.get('x-verdict-code')]).toEqual([503, 'AUDIT_UNAVAILABLE']);
    expectNothing(answer);
  });

  test('the call is taken out where the route says so', async () => {
    expectNothing(await ask('strip', STREAM, (res, wire) => stream(res, wire, 'data: [DONE]\n\n')));
    await recover();
    expectNothing(await ask('strip', JSON.stringify(CHAT_BODY), json));
  });

  test('the outcome says that the decision could not be recorded, and names the call', async () => {
    const answer = await ask('strip', STREAM, async (res, wire) => {
      await stream(res, wire);
      await wire.sees('AUDIT_UNAVAILABLE');
      await recover();
      res.end('data: [DONE]\n\n');
    });
    expectNothing(answer);
    expect(await gateway.stop()).toBe(0);
    expect(verifyLog(place.log, place)).toMatchObject({ outcome: 'signed', closed: true, unfinished: 0 });
    const { stdout } = await run(['show', place.log, '--ca', place.ca]);
    expect(stdout).toContain('NOT JUDGED: AUDIT_UNAVAILABLE');
    expect(stdout).toContain('1 tool calls, 0 released, 1 not decided');
  });

  test('in shadow it passes, and the outcome says that it was not judged', async () => {
    const answer = await ask('shadow', STREAM, async (res, wire) => {
      await stream(res, wire);
      await wire.sees('tool_calls');
      await sleep(200); // the decision fails meanwhile
      await recover();
      res.end('data: [DONE]\n\n');
    });
    expect(answer.body.toString()).toBe(`${TEXT}${CALL}${FINISH}data: [DONE]\n\n`);
    expect(await gateway.stop()).toBe(0);
    expect(verifyLog(place.log, place)).toMatchObject({ outcome: 'signed', closed: true, unfinished: 0 });
    const { stdout } = await run(['show', place.log, '--ca', place.ca, '--json']);
    expect(stdout).toMatch(/"tool_calls":\[\].*"not_inspected":\["response_text","tool_calls"\]/);
  });
});

describe('a gateway that', () => {
  let stand: Stand;
  beforeEach(async () => {
    stand = await Stand.open({ routes, providers: { openai: hand.url }, limits: { stop_timeout_ms: 1500 } });
  });
  afterEach(() => stand.discard());

  async function begin() {
    const wire = await Wire.open(stand.url);
    await wire.send(stand.chat([], STREAM));
    const { res } = await hand.next();
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(TEXT);
    await wire.sees('first');
    return { wire, res };
  }
  const last = (kind: string): Entry => stand.journal().findLast(({ type }) => type === kind);

  test('is told to stop releases a call that is allowed in time', async () => {
    const { wire, res } = await begin();
    stand.program.signal('SIGTERM');
    await sleep(100);
    res.end(`${CALL}${FINISH}data: [DONE]\n\n`);
    expect((await wire.answer()).body.includes(MARK)).toBe(true);
    expect(await stand.program.exited).toBe(0);
    expect(last('outcome')).toMatchObject({ ended: 'complete', tool_calls: [{ released: true }] });
    expect(await stand.verify()).toMatchObject({ outcome: 'signed', closed: true, unfinished: 0, finding: null });
    wire.destroy();
  });

  test('is told to stop lets nothing go of a call that does not end', async () => {
    const { wire, res } = await begin();
    res.write(CALL);
    stand.program.signal('SIGTERM');
    const received = (await wire.rest()).toString();
    expect(received).not.toContain(MARK);
    expect(received).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(await stand.program.exited).toBe(0);
    expect(last('outcome')).toMatchObject({ tool_calls: [{ name: 'lookup_order', released: false }] });
    expect(await stand.verify()).toMatchObject({ outcome: 'signed', closed: true, unfinished: 0, finding: null });
    wire.destroy();
  });

  test('is killed leaves a log that verifies, with the tool decisions that were released', async () => {
    const { wire, res } = await begin();
    res.write(CALL + FINISH);
    await wire.sees(MARK);
    const second = await begin();
    second.res.write(CALL); // withheld
    stand.program.signal('SIGKILL');
    await stand.program.exited;
    expect((await second.wire.rest()).includes(MARK)).toBe(false);
    await stand.restart();
    const tools = stand.journal().filter(({ phase }) => phase === 'tool');
    expect(tools).toMatchObject([{ effect_enforced: 'forward', input: { tool: { name: 'lookup_order' } } }]);
    expect(stand.journal().some(({ id }) => id === tools[0].input.tool.parent)).toBe(true);
    expect(await stand.verify()).toMatchObject({ outcome: 'signed', unfinished: 2, finding: null });
    for (const each of [wire, second.wire]) each.destroy();
  });
});
