import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Hand } from './hand.ts';
import { type Answer, CHAT_BODY, codes, type Entry, MESSAGE_BODY, Stand, until, Wire } from './harness.ts';
import { run } from './program.ts';
import { ROUTES } from './site.ts';

// What is withheld of a response, and every way in which one side, policy or the size of it all may try to get it out.

/**
 * Tools by the name of what policy makes of them. An evaluation gives no memory back: `endless` must meet its deadline before
 * it has used all of that.
 */
const POLICY = `package verdict

allowed := {"effect": "allow", "reasons": [], "obligations": []}

product(size) := count([1 | some a in numbers.range(1, size); some b in numbers.range(1, size); a * b == 0])

request := allowed if input.phase == "request"

tool := allowed if startswith(input.tool.name, "ok")

tool := allowed if {
	input.tool.name == "late"
	product(500) == 0
}

tool := allowed if {
	input.tool.name == "endless"
	product(3000) == 0
}

tool := {"effect": "deny", "reasons": [{"code": upper(input.tool.name), "message": "no", "rule": "data.verdict.tool"}], "obligations": []} if startswith(input.tool.name, "no")

tool := allowed if input.tool.name == "both"

tool := {"effect": "deny", "reasons": [], "obligations": []} if input.tool.name == "both"
`;
/** Stands in the arguments of each call, and in each piece of them. */
const MARK = '‡';
const ARGUMENTS = JSON.stringify({ a: MARK.repeat(40) });

let hand: Hand;
let stand: Stand;
/** The same with the simulated vendors. */
let vendors: Stand;
beforeAll(async () => {
  hand = await Hand.start();
  const routes = [...ROUTES, { id: 'strip', match: { path: '/strip' }, policy: 'support', on_denied_tool: 'strip' }];
  const prepare: (typeof Stand.open.arguments)[0]['prepare'] = (site: Stand['site']) =>
    site.buildPolicy(POLICY, ['verdict/request', 'verdict/tool']);
  const limits = { policy_deadline_ms: 400, upstream_idle_timeout_ms: 1200 };
  stand = await Stand.open({ routes, limits, prepare, providers: { openai: hand.url, anthropic: hand.url } });
  vendors = await Stand.open({ routes, prepare, log: { level: 'trace' } });
});
afterAll(async () => {
  await Promise.all([stand.close(), vendors.close()]).finally(() => hand.close());
});

const event = (data: object): string => `data: ${JSON.stringify({ object: 'chat.completion.chunk', ...data })}\n\n`;
const delta = (value: object, index = 0, finish_reason: string | null = null): string =>
  event({ choices: [{ index, delta: value, finish_reason }] });
const text = (content: string, choice = 0): string => delta({ content }, choice);
const piece = (index: number, fn: object, choice = 0): string =>
  delta({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: fn }] }, choice);
const opened = (name: string, index = 0): string => piece(index, { name, arguments: ARGUMENTS.slice(0, 20) });
const closing = (index = 0): string => piece(index, { arguments: ARGUMENTS.slice(20) });
const whole = (name: string, index = 0): string => opened(name, index) + closing(index);
const FINISH = delta({}, 0, 'tool_calls');
const DONE = 'data: [DONE]\n\n';

const CHAT = { target: '/v1/chat/completions', body: CHAT_BODY };
const closed = (stream: IncomingMessage | ServerResponse): Promise<void> =>
  new Promise((resolve) => (stream.destroyed ? resolve() : stream.once('close', resolve)));

interface Begun {
  wire: Wire;
  res: ServerResponse;
}

/** Asks for a stream on a connection of its own, has its head sent, and takes the upstream's end of it. */
async function begin(route = 'support'): Promise<Begun> {
  const wire = await Wire.open(stand.url);
  await wire.send(stand.chat([], JSON.stringify({ ...CHAT_BODY, stream: true }), `/${route}${CHAT.target}`));
  const { res } = await hand.next();
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  return { wire, res };
}

/** One streamed call as a test plays it; all that the client received of it, and what the log says. */
async function play(act: (begun: Begun) => Promise<unknown>, route?: string) {
  const { value, ...told } = await stand.decided(async () => {
    const begun = await begin(route);
    await act(begun);
    const received = (await begun.wire.rest()).toString();
    begun.wire.destroy();
    return received;
  });
  return { received: value, ...told };
}

/** Sends the client away once it has its whole answer: `play` waits for the end of the connection. */
async function answered({ wire, res }: Begun): Promise<Answer> {
  const answer = await wire.answer();
  await closed(res);
  wire.destroy();
  return answer;
}

const names = ({ tool_calls }: Entry): [string, boolean][] =>
  tool_calls.map(({ name, released }: { name: string; released: boolean }) => [name, released]);

/** Ids of the decisions that an outcome names. */
const decisions = ({ tool_calls }: Entry): string[] =>
  tool_calls.flatMap(({ decision }: Entry) => (decision === null ? [] : [decision]));
/** How many calls an outcome tells of. */
const countOf = ({ tool_calls }: Entry): number =>
  tool_calls.reduce((sum: number, { more }: Entry) => sum + 1 + more, 0);

describe('text', () => {
  test('passes before the vendor goes on, of other choices also while a call is withheld', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const begun = await begin();
      const { wire, res } = begun;
      res.write(text('first'));
      await wire.sees('first');
      res.write(opened('ok_1'));
      res.write(text('of the same choice'));
      for (const said of ['one', 'two', 'three']) {
        res.write(text(said, 1));
        await wire.sees(said);
      }
      const before = (await wire.peek(0)).toString();
      expect(before).not.toContain('ok_1');
      expect(before).not.toContain('of the same');
      expect(before).not.toContain(MARK);
      res.write(closing() + FINISH);
      await wire.sees('ok_1'); // though the vendor has not ended
      res.end(DONE);
      return answered(begun);
    });
    const withheld = opened('ok_1') + text('of the same choice') + closing() + FINISH;
    const passed = ['one', 'two', 'three'].map((said) => text(said, 1)).join('');
    expect(value.body.toString()).toBe(text('first') + passed + withheld + DONE);
    expect(names(outcome)).toEqual([['ok_1', true]]);
  });

  test('follows the bundle with which its call began, also if another is activated', async () => {
    const { value, decision, tools } = await stand.decided(async () => {
      const begun = await begin();
      begun.res.write(text('first'));
      await begun.wire.sees('first');
      await stand.site.placeBundle(await stand.site.bundleWith({ sequence: 2 }));
      await stand.entry(({ type, bundle }) => type === 'bundle_activated' && bundle.sequence === 2);
      begun.res.end(whole('ok_1') + FINISH + DONE);
      return answered(begun);
    });
    expect(value.body.toString()).toContain('ok_1');
    expect(tools[0].bundle).toEqual(decision.bundle);
    expect(tools[0].bundle.sequence).toBe(1);
  });
});

describe('policy', () => {
  test.each([
    ['endless', 'POLICY_DEADLINE'],
    ['both', 'POLICY_ERROR'],
    ['unforeseen', 'POLICY_UNDEFINED'],
    ['no_1', 'NO_1'],
  ])('that says of a call %s: the stream ends with the error, upstream is left', async (name, code) => {
    const { value, outcome, tools } = await stand.decided(async () => {
      const begun = await begin();
      begun.res.write(text('first') + whole(name) + FINISH + text('later', 1));
      return answered(begun); // upstream never ended it
    });
    const body = value.body.toString();
    expect(body).toContain(code);
    expect(body).toContain(tools[0].id);
    expect(body).not.toContain(MARK);
    expect(codes(tools[0])).toEqual([code]);
    expect(names(outcome)).toEqual([[name, false]]);
    expect(outcome).toMatchObject({ ended: 'complete', response_bytes: value.body.length });
  });

  test('that is asked again after it failed', async () => {
    const { outcome } = await stand.decided(async () => {
      const begun = await begin();
      begun.res.end(whole('ok_1') + FINISH + DONE);
      return answered(begun);
    });
    expect(names(outcome)).toEqual([['ok_1', true]]);
  });
});

describe('a client that goes away', () => {
  const order = ({ id }: Entry, outcome: Entry): number =>
    stand.journal().findIndex((entry) => entry.id === outcome.id) -
    stand.journal().findIndex((entry) => entry.id === id);

  test('while a decision is under way: that is recorded first', async () => {
    const { outcome, tools } = await stand.decided(async () => {
      const { wire, res } = await begin();
      res.write(text('first') + whole('late') + FINISH);
      await wire.sees('first');
      wire.destroy();
      await closed(res);
    });
    expect(tools).toHaveLength(1);
    expect(tools[0].effect_enforced).toBe('forward');
    expect(order(tools[0], outcome)).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ ended: 'client_aborted', response_bytes: text('first').length });
    expect(names(outcome)).toEqual([['late', false]]);
  });

  test('within a call: told of as one that never came to its end', async () => {
    const { outcome, tools } = await stand.decided(async () => {
      const { wire, res } = await begin();
      res.write(opened('ok_1') + text('other', 1));
      await wire.sees('other');
      wire.destroy();
      await closed(res);
    });
    expect(tools.map(codes)).toEqual([['TOOL_CALL_INCOMPLETE']]);
    expect(order(tools[0], outcome)).toBeGreaterThan(0);
    expect(names(outcome)).toEqual([['ok_1', false]]);
  });

  test('while the calls of a JSON response are decided', async () => {
    const message = { tool_calls: [{ id: '1', type: 'function', function: { name: 'late', arguments: ARGUMENTS } }] };
    const { outcome, tools } = await stand.decided(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(stand.chat());
      const { res } = await hand.next();
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }));
      await sleep(10);
      wire.destroy();
    });
    expect(order(tools[0], outcome)).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ ended: 'client_aborted', response_bytes: 0 });
    expect(names(outcome)).toEqual([['late', false]]);
  });
});

describe('a vendor that', () => {
  const BROKEN = /\r\n0\r\n\r\n$/;

  test('breaks off within a call: nothing of it leaves, and the stream does not look whole', async () => {
    const { received, outcome, tools } = await play(async ({ wire, res }) => {
      res.write(opened('ok_1') + text('other', 1));
      await wire.sees('other');
      res.destroy();
    });
    expect(received).not.toMatch(BROKEN);
    expect(received).not.toContain(MARK);
    expect(tools.map(codes)).toEqual([['TOOL_CALL_INCOMPLETE']]);
    expect(outcome.ended).toBe('upstream_aborted');
    expect(names(outcome)).toEqual([['ok_1', false]]);
  });

  test('breaks off while a decision is under way: nothing leaves of what is allowed too late', async () => {
    const { received, outcome } = await play(async ({ wire, res }) => {
      res.write(text('first') + whole('late') + FINISH);
      await wire.sees('first');
      res.destroy();
    });
    expect(received).not.toMatch(BROKEN);
    expect(received).not.toContain(MARK);
    expect(outcome.ended).toBe('upstream_aborted');
    expect(names(outcome)).toEqual([['late', false]]);
  });

  test('stalls within a call', async () => {
    const { received, outcome, tools } = await play(async ({ res }) => {
      res.write(opened('ok_1'));
    });
    expect(received).not.toMatch(BROKEN);
    expect(received).not.toContain(MARK);
    expect(tools.map(codes)).toEqual([['TOOL_CALL_INCOMPLETE']]);
    expect(outcome.ended).toBe('upstream_timeout');
  });

  test('ends while a decision is under way, without [DONE]: the call is released after that', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const begun = await begin();
      begun.res.end(whole('late') + FINISH);
      return answered(begun);
    });
    expect(value.body.toString()).toBe(whole('late') + FINISH);
    expect(outcome.ended).toBe('complete');
    expect(names(outcome)).toEqual([['late', true]]);
  });

  test.each([
    ['within a call', opened('ok_1'), 'TOOL_CALL_INCOMPLETE'],
    ['within an event', whole('ok_1') + FINISH.slice(0, -1), 'TOOL_CALL_INCOMPLETE'],
  ])('ends %s: an error', async (_, said, code) => {
    const { value, tools } = await stand.decided(async () => {
      const begun = await begin();
      begun.res.end(said);
      return answered(begun);
    });
    expect(value.body.toString()).toContain(code);
    expect(value.body.toString()).not.toContain(MARK);
    expect(tools.map(codes)).toEqual([[code]]);
  });
});

describe('sizes and speeds', () => {
  const rss = ({ program }: Stand): number =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1]) / 1024;
  const MOST_GROWN_MB = 150;

  /** Writes text of a choice as fast as it is taken, and tells how much that was so far. */
  async function pour(res: ServerResponse, megabytes: number, choice: number, progress = (_: number) => {}) {
    const bytes = text('x'.repeat(64 * 1024 - 100), choice);
    const over = closed(res);
    for (let i = 1; i <= megabytes * 16 && !res.destroyed; i++) {
      if (!res.write(bytes)) await Promise.race([new Promise((resolve) => res.once('drain', resolve)), over]);
      progress(i / 16);
    }
  }

  test('a client that reads slowly slows the vendor down while a call is withheld, and gets it all', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const begun = await begin();
      const { wire, res } = begun;
      const before = rss(stand);
      res.write(opened('ok_1'));
      wire.pause();
      let written = 0;
      const poured = pour(res, 50, 1, (megabytes) => {
        written = megabytes;
      });
      await sleep(700);
      const stalled = { written, grown: rss(stand) - before };
      wire.resume();
      await poured;
      res.end(closing() + FINISH + DONE);
      return { ...stalled, body: (await answered(begun)).body.toString() };
    });
    expect(value.written).toBeLessThan(20);
    expect(value.grown).toBeLessThan(40);
    expect(value.body.length).toBeGreaterThan(50 * 1000 * 1000);
    expect(value.body.endsWith(opened('ok_1') + closing() + FINISH + DONE)).toBe(true);
    expect(names(outcome)).toEqual([['ok_1', true]]);
  });

  test('a client that reads slowly gets the error of a denied call after all that went before', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const begun = await begin();
      const { wire, res } = begun;
      wire.pause();
      void pour(res, 2, 0)
        .then(() => res.write(whole('no_1') + FINISH))
        .then(() => pour(res, 60, 1));
      await sleep(700);
      wire.resume();
      return answered(begun);
    });
    const body = value.body.toString();
    expect(body.length).toBeGreaterThan(2 * 1000 * 1000);
    expect(body.slice(-500)).toContain('NO_1');
    expect(body).not.toContain(MARK);
    expect(outcome).toMatchObject({ ended: 'complete', response_bytes: value.body.length });
    expect(names(outcome)).toEqual([['no_1', false]]);
  });

  test('a client that does not read what was withheld for it is taken for gone', async () => {
    const choice = (content: string) => ({ choices: [{ index: 0, message: { content }, finish_reason: 'stop' }] });
    const { outcome } = await stand.decided(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(stand.chat());
      wire.pause();
      const { res } = await hand.next();
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(choice('x'.repeat(9_000_000))));
      await stand.entry(
        ({ type, ended, response_bytes }) =>
          type === 'outcome' && ended === 'client_aborted' && response_bytes > 9_000_000,
      );
      wire.destroy();
    });
    expect(outcome).toMatchObject({ status: 200, ended: 'client_aborted' });
  });

  test('calls that take turns, each larger than what is held at ease, do not wait for one another', async () => {
    const large = JSON.stringify({ a: 'x'.repeat(40_000) });
    for (const dialect of Object.values(DIALECTS)) {
      const toolCalls = ['ok_1', 'ok_2', 'ok_3'].map((name) => ({ name, arguments: large }));
      vendors[dialect.vendor].next({ toolCalls, interleaved: dialect !== DIALECTS.messages });
      const { value, outcome } = await vendors.decided(() => dialect.ask('support', true));
      expect(value.body.length).toBeGreaterThan(1_000_000);
      expect(names(outcome)).toEqual([
        ['ok_1', true],
        ['ok_2', true],
        ['ok_3', true],
      ]);
    }
  });

  describe.each([true, false])('streamed: %s', (stream) => {
    test.each(['chat', 'messages', 'responses'] as const)('%s: thousands of calls, a call of 5 MB', async (name) => {
      const { vendor, ask } = DIALECTS[name];
      const before = rss(vendors);
      for (const route of ['support', 'strip']) {
        const toolCalls = Array.from({ length: 3000 }, () => ({ name: 'ok_1', arguments: ARGUMENTS }));
        vendors[vendor].next({ toolCalls });
        const many = await vendors.decided(() => ask(route, stream));
        expect(many.value.body.toString()).toContain('TOOL_CALLS_TOO_MANY');
        expect(many.tools.filter(({ effect_enforced }) => effect_enforced === 'forward')).toHaveLength(128);
        expect(new Set(many.tools.flatMap(codes))).toEqual(new Set(['TOOL_CALLS_TOO_MANY']));
        // Of a stream that ended with an error, as many as came by then.
        const isAll = !stream || route === 'strip' || name === 'chat';
        expect(isAll ? countOf(many.outcome) : 3000).toBe(3000);
        expect(countOf(many.outcome)).toBeGreaterThan(128);
        expect(decisions(many.outcome)).toHaveLength(many.tools.length);
        expect(many.outcome.tool_calls.length).toBeLessThan(160);
        if (name === 'chat' && route === 'strip') expect(many.value.body.toString()).toContain('2872 tool calls were');
        vendors[vendor].next({ toolCalls: [{ name: 'ok_1', arguments: `{"a":"${MARK.repeat(5e6 / 3)}"}` }] });
        const large = await vendors.decided(() => ask(route, stream));
        // A stream of tiny pieces is over what may be withheld before its arguments are over theirs.
        expect(large.value.body.toString()).toContain(stream ? 'RESPONSE_TOO_LARGE' : 'TOOL_ARGUMENTS_TOO_LARGE');
        expect(large.value.body.includes(MARK)).toBe(false);
        expect(names(large.outcome)).toEqual([['ok_1', false]]);
        expect(large.outcome.fault).toBe(stream ? 'RESPONSE_TOO_LARGE' : null);
        expect(decisions(large.outcome)).toHaveLength(stream ? 0 : 1);
      }
      expect(rss(vendors) - before).toBeLessThan(MOST_GROWN_MB);
    });
  });
});

/** Each dialect, asked byte by byte. */
const DIALECTS = {
  chat: { vendor: 'openai' as const, ask: asker(CHAT) },
  messages: {
    vendor: 'anthropic' as const,
    ask: asker({ target: '/v1/messages', body: MESSAGE_BODY, headers: ['Anthropic-Version: 2023-06-01'] }),
  },
  responses: {
    vendor: 'openai' as const,
    ask: asker({ target: '/v1/responses', body: { model: 'gpt-5-mini', max_output_tokens: 100, input: 'Hello' } }),
  },
};

function asker({ target, body, headers = [] }: { target: string; body: object; headers?: string[] }) {
  return (route: string, stream: boolean): Promise<Answer> =>
    vendors.ask(vendors.chat(headers, JSON.stringify({ ...body, stream }), `/${route}${target}`));
}

describe.each(['chat', 'messages', 'responses'] as const)('what is denied is nowhere: %s', (name) => {
  const { vendor, ask } = DIALECTS[name];
  const types =
    name === 'chat'
      ? ['function', 'custom', 'function_call']
      : name === 'responses'
        ? ['function', 'custom']
        : ['function'];

  test.each(
    types.flatMap((type) =>
      [true, false].flatMap((stream) => ['support', 'strip'].map((route) => [type, stream, route] as const)),
    ),
  )('%s, streamed: %s, route %s', async (type, stream, route) => {
    const endings = name === 'messages' && !stream ? [undefined] : ([undefined, 'incomplete', 'failed'] as const);
    for (const ending of endings) {
      vendors[vendor].next({ toolCalls: [{ name: 'no_1', arguments: ARGUMENTS, type }], ...(ending && { ending }) });
      const { value, tools, outcome } = await vendors.decided(() => ask(route, stream));
      expect(tools).toHaveLength(1);
      expect(names(outcome)).toEqual([['no_1', false]]);
      expect(value.body.includes(MARK)).toBe(false);
      expect(value.body.includes('\\u2021')).toBe(false);
      expect(JSON.stringify([...value.headers])).not.toContain(MARK);
      // What the vendor itself reports as failed may be all that a client is told.
      if (ending !== 'failed') expect(value.body.toString()).toContain(tools[0].id);
    }
  });

  test('nor in what the operator reads', () => {
    expect(vendors.program.stdout.length).toBeGreaterThan(1000);
    expect(vendors.program.stdout + vendors.program.stderr).not.toContain(MARK);
  });
});

describe('the outcome says exactly what left', () => {
  const CALLS = fc.array(fc.constantFrom('ok_1', 'no_1', 'ok_2', 'no_2'), { minLength: 1, maxLength: 4 });
  const SIZE = fc.integer({ min: 1, max: 400 });

  test.each(['chat', 'messages', 'responses'] as const)('%s, however it is cut', async (name) => {
    const { vendor, ask } = DIALECTS[name];
    await fc.assert(
      fc.asyncProperty(CALLS, SIZE, fc.boolean(), fc.boolean(), async (calls, pieceBytes, strip, stream) => {
        const toolCalls = calls.map((call, i) => ({ name: call, arguments: JSON.stringify({ a: `<${i}>` }) }));
        vendors[vendor].next({ toolCalls, pieceBytes });
        const { value, outcome, tools } = await vendors.decided(() => ask(strip ? 'strip' : 'support', stream));
        const body = value.body.toString();
        const told = names(outcome);
        const denied = calls.findIndex((call) => call.startsWith('no'));
        // Nothing that is after a denied call need have been read.
        const seen = strip || denied < 0 || !stream ? calls.length : told.length;
        expect(told.map(([call]) => call)).toEqual(calls.slice(0, seen));
        expect(decisions(outcome).sort()).toEqual(tools.map(({ id }) => id).sort());
        expect(outcome.fault).toBe(null);
        const left = calls.map(
          (_, i) => body.includes(`<${i}>`) || (body.includes(`"<`) && joined(body).includes(`<${i}>`)),
        );
        expect(told.map(([, released]) => released)).toEqual(left.slice(0, seen));
        expect(calls.some((call, i) => call.startsWith('no') && left[i])).toBe(false);
        if (strip) expect(left).toEqual(calls.map((call) => call.startsWith('ok')));
      }),
      { numRuns: 25 },
    );
  });

  /** The pieces of arguments in a stream, put together. */
  const joined = (body: string): string =>
    [...body.matchAll(/"(?:arguments|partial_json|delta)":"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => part).join('');

  test('with an error, of calls that are released one by one: those before the denied one', async () => {
    const toolCalls = ['ok_1', 'no_1', 'ok_2'].map((call) => ({ name: call, arguments: ARGUMENTS }));
    vendors.anthropic.next({ toolCalls });
    const { value, outcome } = await vendors.decided(() => DIALECTS.messages.ask('support', true));
    expect(value.body.toString()).toContain('ok_1');
    expect(names(outcome).slice(0, 2)).toEqual([
      ['ok_1', true],
      ['no_1', false],
    ]);
    expect(
      names(outcome)
        .slice(2)
        .some(([, released]) => released),
    ).toBe(false);
  });

  test('the header of an error names the call that its body does', async () => {
    const toolCalls = ['no_1', 'no_2', 'no_3'].map((call) => ({ name: call, arguments: ARGUMENTS }));
    vendors.openai.next({ toolCalls });
    const { value } = await vendors.decided(() => DIALECTS.chat.ask('support', false));
    expect(value.headers.get('x-verdict-code')).toBe('NO_1');
    expect(JSON.parse(value.body.toString()).error.code).toBe('NO_1');
  });
});

describe('a response that cannot be read', () => {
  const JSON_BODY = JSON.stringify({
    choices: [{ index: 0, message: { content: 'hi' }, finish_reason: 'stop' }],
    note: MARK,
  });
  const SSE = text(MARK) + DONE;

  /** Asks, has upstream answer so, and returns what the client and the log say. */
  async function respond(headers: Record<string, string>, body: string | Buffer, route = 'support', status = 200) {
    return stand.decided(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(stand.chat([], undefined, `/${route}${CHAT.target}`));
      const { res } = await hand.next();
      res.writeHead(status, headers).end(body);
      const answer = await wire.answer();
      wire.destroy();
      return answer;
    });
  }

  test.each<[string, Record<string, string>, string | Buffer]>([
    ['events under another name', { 'content-type': 'text/plain' }, SSE],
    ['events under JSON', { 'content-type': 'application/json' }, SSE],
    ['events under no name', {}, SSE],
    ['events in an encoding', { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }, gzipSync(SSE)],
    ['events said to be encoded', { 'content-type': 'text/event-stream', 'content-encoding': 'br' }, SSE],
    ['JSON in an encoding', { 'content-type': 'application/json', 'content-encoding': 'GZIP' }, gzipSync(JSON_BODY)],
    ['JSON said to be encoded', { 'content-type': 'application/json', 'content-encoding': 'x' }, JSON_BODY],
    ['a page', { 'content-type': 'text/html' }, `<html>${MARK}</html>`],
    ['half of it', { 'content-type': 'application/json' }, JSON_BODY.slice(0, -5)],
    ['JSON twice', { 'content-type': 'application/json' }, JSON_BODY + JSON_BODY],
    ['JSON with a mark before it', { 'content-type': 'application/json' }, `\ufeff${JSON_BODY}`],
  ])('%s: an error', async (_, headers, body) => {
    const { value, outcome, decision } = await respond(headers, body);
    expect(value.status).toBe(502);
    expect(value.headers.get('x-verdict-code')).toBe('RESPONSE_UNREADABLE');
    expect(JSON.parse(value.body.toString()).error).toMatchObject({
      code: 'RESPONSE_UNREADABLE',
      decision_id: decision.id,
    });
    expect(value.headers.has('content-encoding')).toBe(false);
    expect(outcome).toMatchObject({ status: 502, upstream_status: 200, ended: 'complete', tool_calls: [] });
    expect(outcome.fault).toBe('RESPONSE_UNREADABLE');
  });

  const entry = (name: string | null) => ({ decision: null, name, released: false, more: 0 });
  const noIndex = delta({ tool_calls: [{ id: 'x', type: 'function', function: { name: 'no_1', arguments: '{}' } }] });

  test.each<[string, string, Entry[]]>([
    ['garbage after a whole call', `${whole('ok_1')}data: {garbage}\n\n`, [entry('ok_1')]],
    ['garbage in mid-call', `${opened('ok_1')}data: {garbage}\n\n`, [entry('ok_1')]],
    ['a call without an index', whole('ok_1') + noIndex, [entry('ok_1'), entry('no_1')]],
  ])('a stream with %s: the outcome says why it was broken off, and names the calls', async (_, sent, calls) => {
    const { value, outcome, tools } = await stand.decided(async () => {
      const begun = await begin();
      begun.res.write(text('first') + sent);
      return answered(begun);
    });
    expect(value.body.toString()).toContain('RESPONSE_UNREADABLE');
    expect(value.body.includes(MARK)).toBe(false);
    expect(tools).toEqual([]);
    expect(outcome).toMatchObject({ ended: 'complete', fault: 'RESPONSE_UNREADABLE', tool_calls: calls });
    const { stdout } = await run(['show', stand.auditFolder, '--id', outcome.id]);
    expect(stdout).toMatch(/fault +RESPONSE_UNREADABLE/);
  });

  test.each([
    [200, 'RESPONSE_UNREADABLE', 502],
    [500, 'UPSTREAM_ERROR', 500],
  ])('JSON with a good call and a strange one, with status %d: the same', async (status, fault, told) => {
    const good = { id: 'a', type: 'function', function: { name: 'ok_1', arguments: ARGUMENTS } };
    const message = { content: 'hi', tool_calls: [good, { id: 'b', type: 'browser', browser: {} }] };
    const body = JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
    const { value, outcome, tools } = await respond({ 'content-type': 'application/json' }, body, 'support', status);
    expect([value.status, value.headers.get('x-verdict-code')]).toEqual([told, fault]);
    expect(value.body.includes(MARK)).toBe(false);
    expect(tools).toEqual([]);
    expect(outcome).toMatchObject({ status: told, fault, tool_calls: [entry('ok_1'), entry(null)] });
  });

  test.each([['application/json; charset=utf-8'], ['APPLICATION/JSON'], ['text/plain;charset="UTF-8"']])(
    'but JSON is read as such: %s',
    async (type) => {
      const { value } = await respond({ 'content-type': type, 'content-encoding': 'identity' }, JSON_BODY);
      expect([value.status, value.body.toString()]).toEqual([200, JSON_BODY]);
    },
  );

  test('larger than the limit: an error, at once', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(stand.chat());
      const { res } = await hand.next();
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': 1e9 }).write('{');
      const answer = await wire.answer();
      await closed(res);
      wire.destroy();
      return answer;
    });
    expect([value.status, value.headers.get('x-verdict-code')]).toEqual([502, 'RESPONSE_TOO_LARGE']);
    expect(outcome.fault).toBe('RESPONSE_TOO_LARGE');
    expect(outcome).toMatchObject({ ended: 'complete', response_bytes: value.body.length });
  });

  test.each([204, 200, 304, 205])('or is empty, with status %d, is as it is', async (status) => {
    const { value, outcome } = await respond({ 'content-type': 'application/json' }, '', 'support', status);
    expect([value.status, value.body.length]).toEqual([status, 0]);
    expect(outcome).toMatchObject({ status, ended: 'complete', response_bytes: 0, not_inspected: ['response_text'] });
  });

  describe('in shadow passes, and the outcome says what was not looked at', () => {
    const blind = ['response_text', 'tool_calls'];
    const broken = piece(0, { name: 'ok_1', arguments: '{"a":' }) + FINISH;
    test.each<[string, Record<string, string>, string | Buffer, string[], [string, boolean][]]>([
      ['an encoding', { 'content-encoding': 'gzip', 'content-type': 'text/event-stream' }, gzipSync(SSE), blind, []],
      ['no JSON', { 'content-type': 'text/html' }, '<html>', blind, []],
      ['a stream that cannot be followed', { 'content-type': 'text/event-stream' }, `data: {\n\n${DONE}`, blind, []],
      ['a call that cannot be read', { 'content-type': 'text/event-stream' }, broken + DONE, blind, []],
      [
        'a call that policy fails on',
        { 'content-type': 'text/event-stream' },
        whole('both') + FINISH + DONE,
        blind,
        [['both', false]],
      ],
      [
        'allowed and denied ones',
        { 'content-type': 'text/event-stream' },
        whole('ok_1') + whole('no_1', 1) + FINISH + DONE,
        ['response_text'],
        [
          ['ok_1', true],
          ['no_1', true],
        ],
      ],
      ['nothing', { 'content-type': 'application/json' }, '', ['response_text'], []],
    ])('%s', async (_, headers, body, notInspected, calls) => {
      const { value, outcome } = await respond(headers, body, 'shadow');
      expect(value.status).toBe(200);
      expect(value.body.equals(Buffer.from(body))).toBe(true);
      expect(outcome).toMatchObject({ ended: 'complete', fault: null, not_inspected: notInspected });
      expect(names(outcome)).toEqual(calls);
    });

    test('what follows a call that cannot be read is judged all the same', async () => {
      const { value, outcome } = await stand.decided(async () => {
        const begun = await begin('shadow');
        begun.res.write(broken);
        await begun.wire.sees(broken);
        begun.res.end(piece(0, { name: 'no_1', arguments: ARGUMENTS }, 1) + delta({}, 1, 'tool_calls') + DONE);
        return answered(begun);
      });
      expect(value.body.toString()).toContain(MARK);
      expect(names(outcome)).toEqual([['no_1', true]]);
      expect(outcome.not_inspected).toEqual(blind);
    });
  });
});

describe('after all this', () => {
  test('nothing is under way, and the gateway is well', async () => {
    for (const { url } of [stand, vendors]) {
      await until(
        async () => /^verdict_calls_in_flight 0$/m.test(await (await fetch(`${url}/metrics`)).text()) || undefined,
        'no call is in flight',
      );
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${url}/metrics`)).text()).not.toMatch(/ok_1|no_1/i);
    }
  });

  test('every decision replays', async () => {
    for (const { site, auditFolder } of [stand, vendors]) {
      const bundles = site.path('audit', 'bundles');
      const { code, stdout } = await run(['replay', auditFolder, '--bundles', bundles, '--ca', site.ca]);
      expect(stdout).toMatch(/replayed: [1-9]\d* match, 0 mismatch, 0 bundle_missing, 0 input_withheld/);
      expect(code).toBe(0);
    }
  });
});
