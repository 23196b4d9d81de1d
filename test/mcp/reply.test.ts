import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  type Message,
  OpenRequests,
  openReply,
  type ProtocolVersion,
  type Question,
  type Reply,
  type ReplyContext,
} from '../../src/mcp/index.ts';
import { bytesOf, codeOf, messagesOf, REFUSAL, REFUSE, RELEASE, request } from './support.ts';

interface Given {
  version?: ProtocolVersion;
  carrier?: ReplyContext['carrier'];
  /** Methods of the open requests 1, 2, … */
  open?: string[];
}

function opened(text: unknown, { version = '2025-11-25', carrier = 'event', open = [] }: Given = {}): Reply {
  const requests = new OpenRequests();
  for (const [index, method] of open.entries()) {
    requests.add(messagesOf(request(method, {}, index + 1)).messages[0] as Message);
  }
  return openReply(bytesOf(text), { version, server: 'files', carrier, requests });
}

/** What is released if the named items and asks are refused. */
function rendered(reply: Reply, refused: string[] = []) {
  const rulings = reply.questions.map((question) => {
    const out = refused.includes(nameOf(question));
    return [question.key, out ? REFUSE : RELEASE] as const;
  });
  const { body, answers, unchanged } = reply.render(new Map(rulings));
  return {
    body: body === null ? null : Buffer.from(body).toString(),
    answers: answers.map((text) => JSON.parse(text)),
    unchanged,
  };
}

const nameOf = (question: Question): string => (question.kind === 'ask' ? question.call.name : question.item.name);

const list = (tools: string, rest = '') => `{"jsonrpc":"2.0","id":1,"result":{"tools":${tools}${rest}}}`;

test.each([
  ['none', [], '[ {"name":"a"} , {"name":"b"}, {"name" : "c"} ]'],
  ['the first', ['a'], '[ {"name":"b"}, {"name" : "c"} ]'],
  ['the middle', ['b'], '[ {"name":"a"}, {"name" : "c"} ]'],
  ['the last', ['c'], '[ {"name":"a"} , {"name":"b"} ]'],
  ['the first two', ['a', 'b'], '[ {"name" : "c"} ]'],
  ['the last two', ['b', 'c'], '[ {"name":"a"} ]'],
  ['both ends', ['a', 'c'], '[ {"name":"b"} ]'],
  ['all', ['a', 'b', 'c'], '[  ]'],
] as [string, string[], string][])('a list loses %s of its items and no other byte', (_, refused, left) => {
  const tools = '[ {"name":"a"} , {"name":"b"}, {"name" : "c"} ]';
  const reply = opened(list(tools, ',"nextCursor":"n"'), { open: ['tools/list'] });
  expect(reply.questions.map(nameOf)).toEqual(['a', 'b', 'c']);
  expect(rendered(reply, refused).body).toBe(list(left, ',"nextCursor":"n"'));
});

test.each([
  ['tools/list', 'tools', 'name'],
  ['prompts/list', 'prompts', 'name'],
  ['resources/list', 'resources', 'uri'],
  ['resources/templates/list', 'resourceTemplates', 'uriTemplate'],
])('%s is filtered by %s of %s', (method, kind, key) => {
  const result = {
    [kind]: [
      { title: 't', [key]: 'one' },
      { title: 't', [key]: 'two' },
    ],
  };
  const reply = opened({ jsonrpc: '2.0', id: 1, result }, { open: [method], carrier: 'body' });
  expect(JSON.parse(rendered(reply, ['one']).body ?? '')).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: { [kind]: [{ title: 't', [key]: 'two' }] },
  });
  // After a stream is resumed nobody knows what was asked.
  expect(opened({ jsonrpc: '2.0', id: 9, result }).questions.map(nameOf)).toEqual(['one', 'two']);
});

test('the result of a tool call is no list, whatever it looks like', () => {
  const reply = opened(list('[{"name":"a"}]'), { open: ['tools/call'] });
  expect(reply.questions).toEqual([]);
  expect(rendered(reply)).toMatchObject({ body: list('[{"name":"a"}]'), unchanged: true });
});

test('a definition has one digest, however it is written, and another after any change', () => {
  const digest = (tool: string) => {
    const question = opened(list(`[${tool}]`), { open: ['tools/list'] }).questions[0];
    return question?.kind === 'item' ? question.item.sha256 : undefined;
  };
  const one = '{"name":"a","description":"d","inputSchema":{"type":"object","properties":{"x":{"minimum":1}}}}';
  const same =
    '{ "inputSchema": {"properties":{"x":{"minimum":1.0}},"type":"object"}, "description":"\\u0064","name":"a"}';
  expect(digest(same)).toBe(digest(one));
  const sorted = '{"description":"d","inputSchema":{"properties":{"x":{"minimum":1}},"type":"object"},"name":"a"}';
  expect(digest(one)).toBe(createHash('sha256').update(sorted).digest('hex'));
  const others = [
    one.replace('"d"', '"d "'),
    one.replace('"minimum":1', '"minimum":2'),
    one.replace('"name":"a",', '"name":"a","annotations":{"readOnlyHint":true},'),
    one.replace('"name":"a",', '"name":"a","_meta":{"ui":"x"},'),
  ];
  expect(new Set([one, ...others].map(digest)).size).toBe(5);
});

test('a tool that is listed twice is listed no more', () => {
  const tools = '[{"name":"a"},{"name":"b","description":"kind"},{"name":"b","description":"evil"}]';
  const reply = opened(list(tools), { open: ['tools/list'] });
  expect(reply.questions.map(nameOf)).toEqual(['a']);
  expect(rendered(reply).body).toBe(list('[{"name":"a"}]'));
});

test('a filtered list and a read resource are for nobody else', () => {
  const modern: Given = { version: '2026-07-28', open: ['tools/list'] };
  const cached = (scope: string) => list('[]', `,"resultType":"complete","ttlMs":5,"cacheScope":${scope}`);
  expect(rendered(opened(cached('"public"'), modern)).body).toBe(cached('"private"'));
  expect(rendered(opened(cached('"private"'), modern)).unchanged).toBe(true);
  expect(rendered(opened(cached('"PUBLIC"'), modern)).body).toBe(cached('"private"'));
  const read = (scope: string) => `{"jsonrpc":"2.0","id":1,"result":{"contents":[],"cacheScope":"${scope}"}}`;
  expect(rendered(opened(read('public'), { ...modern, open: ['resources/read'] })).body).toBe(read('private'));
  expect(rendered(opened(read('public'), { ...modern, open: ['server/discover'] })).unchanged).toBe(true);
});

test('what a legacy server asks its client is decided; a refusal answers the server', () => {
  for (const method of ['sampling/createMessage', 'elicitation/create', 'roots/list']) {
    const ask = request(method, { message: 'm', _meta: { a: 1 }, task: { ttl: 1 } }, 's1');
    const reply = opened(ask);
    expect(reply.questions).toHaveLength(1);
    const question = reply.questions[0];
    if (question?.kind !== 'ask') throw new Error('expected an ask');
    const { arguments: args, ...call } = question.call;
    expect(call).toEqual({ name: method, type: method, origin: 'mcp', server: 'files', id: 's1' });
    expect(args?.value()).toEqual({ message: 'm' });
    expect(rendered(reply)).toMatchObject({ body: JSON.stringify(ask), unchanged: true, answers: [] });
    const { body, answers } = rendered(reply, [method]);
    expect(body).toBeNull();
    expect(answers).toEqual([
      {
        jsonrpc: '2.0',
        id: 's1',
        error: expect.objectContaining({ code: 403, data: { code: 'POLICY_DENIED', decision_id: REFUSAL.decisionId } }),
      },
    ]);
  }
});

test('a server cannot ask what nobody can judge', () => {
  const { body, answers } = rendered(opened(request('x-vendor/run', {}, 4)));
  expect(body).toBeNull();
  expect(answers).toEqual([{ jsonrpc: '2.0', id: 4, error: expect.objectContaining({ code: -32601 }) }]);
  expect(rendered(opened({ jsonrpc: '2.0', method: 'x-vendor/run' }))).toMatchObject({ body: null, answers: [] });
  expect(rendered(opened(request('ping'))).unchanged).toBe(true);
  expect(rendered(opened({ jsonrpc: '2.0', method: 'notifications/progress', params: {} })).unchanged).toBe(true);
});

const INPUTS = {
  who: { method: 'elicitation/create', params: { mode: 'url', url: 'https://a' } },
  llm: { method: 'sampling/createMessage', params: { messages: [] } },
  where: { method: 'roots/list' },
};

test.each([
  ['a result', { resultType: 'input_required', inputRequests: INPUTS, requestState: 's' }, 'tools/call'],
  ['a task', { resultType: 'complete', status: 'input_required', taskId: 't', inputRequests: INPUTS }, 'tasks/get'],
])('what a modern server asks within %s is decided; a refusal ends the call', (_, result, method) => {
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result });
  for (const carrier of ['body', 'event', 'line'] as const) {
    const reply = opened(text, { version: '2026-07-28', open: [method], carrier });
    expect(
      reply.questions.map((question) => question.kind === 'ask' && [question.call.id, question.call.type]),
    ).toEqual([
      ['who', 'elicitation/create'],
      ['llm', 'sampling/createMessage'],
      ['where', 'roots/list'],
    ]);
    expect(rendered(reply).body).toBe(text);
    const { body, answers } = rendered(reply, ['roots/list']);
    expect(answers).toEqual([]);
    expect(JSON.parse(body ?? '')).toEqual({ jsonrpc: '2.0', id: 1, error: expect.objectContaining({ code: 403 }) });
  }
});

test('what a task notifies that it needs is decided', () => {
  const params = { taskId: 't', status: 'input_required', inputRequests: INPUTS };
  const reply = opened({ jsonrpc: '2.0', method: 'notifications/tasks', params }, { version: '2026-07-28' });
  expect(reply.questions).toHaveLength(3);
  expect(rendered(reply, ['elicitation/create']).body).toBeNull();
});

test('an error that sends the user to a page is decided', () => {
  const elicitations = [{ mode: 'url', elicitationId: 'e1', url: 'https://evil', message: 'm' }];
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32042, message: 'm', data: { elicitations } } });
  const reply = opened(text, { open: ['tools/call'] });
  expect(reply.questions).toHaveLength(1);
  expect(rendered(reply).body).toBe(text);
  expect(rendered(reply, ['elicitation/create']).body).not.toContain('evil');
  const other = { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'm', data: { elicitations } } };
  expect(opened(other).questions).toEqual([]);
});

test('in a batch each message is treated on its own', () => {
  const batch = `[ {"jsonrpc":"2.0","id":"s","method":"roots/list"},{"jsonrpc":"2.0","method":"notifications/message"} , ${list('[{"name":"a"},{"name":"b"}]')} ]`;
  const reply = opened(batch, { version: '2025-03-26', open: ['tools/list'] });
  expect(reply.questions.map(nameOf)).toEqual(['roots/list', 'a', 'b']);
  expect(rendered(reply)).toMatchObject({ body: batch, unchanged: true });
  const { body, answers } = rendered(reply, ['roots/list', 'b']);
  expect(body).toBe(`[ {"jsonrpc":"2.0","method":"notifications/message"} , ${list('[{"name":"a"}]')} ]`);
  expect(answers).toHaveLength(1);
  expect(rendered(opened([request('roots/list')], { version: '2025-03-26' }), ['roots/list']).body).toBeNull();
});

test('a question without a ruling releases nothing', () => {
  expect(() => opened(request('roots/list')).render(new Map())).toThrow(TypeError);
  expect(() => opened(list('[{"name":"a"}]')).render(new Map())).toThrow(TypeError);
});

const NOT_FOLLOWED: [string, unknown, Given][] = [
  ['broken JSON', '{"jsonrpc":"2.0"', {}],
  ['a key twice', '{"jsonrpc":"2.0","id":1,"id":2,"result":{}}', {}],
  ['no message', { hello: 1 }, {}],
  ['a batch where there are none', [{ jsonrpc: '2.0', id: 1, result: {} }], { version: '2025-06-18' }],
  ['a request in a JSON body', request('roots/list'), { carrier: 'body' }],
  ['a notification in a JSON body', { jsonrpc: '2.0', method: 'notifications/x' }, { carrier: 'body' }],
  ['a request of a modern server', request('roots/list'), { version: '2026-07-28' }],
  ['a list that is none', list('{}'), { open: ['tools/list'] }],
  ['an item without a name', list('[{"name":"a"},{"title":"b"}]'), { open: ['tools/list'] }],
  ['an item that is none', list('["a"]'), { open: ['tools/list'] }],
  ['an item with its name in two cases', list('[{"name":"a","Name":"b"}]'), { open: ['tools/list'] }],
  ['a list in two cases', list('[]', ',"Tools":[{"name":"b"}]'), { open: ['tools/list'] }],
  ['two lists after resumption', list('[]', ',"prompts":[]'), {}],
  ['a list that asks', list('[]', `,"inputRequests":${JSON.stringify(INPUTS)}`), { open: ['tools/list'] }],
  ['input requests that are none', { jsonrpc: '2.0', id: 1, result: { inputRequests: [] } }, {}],
  ['input requests in another case', { jsonrpc: '2.0', id: 1, result: { InputRequests: INPUTS } }, {}],
  [
    'an input request for something else',
    { jsonrpc: '2.0', id: 1, result: { inputRequests: { a: { method: 'tools/call' } } } },
    {},
  ],
  [
    'an input request in two cases',
    { jsonrpc: '2.0', id: 1, result: { inputRequests: { a: { method: 'roots/list', Method: 'x' } } } },
    {},
  ],
  [
    'an error with its data in another case',
    { jsonrpc: '2.0', id: 1, error: { code: -32042, message: '', Data: {} } },
    {},
  ],
  ['two messages in a line', '{"jsonrpc":"2.0","id":1,"result":\r{}}\n', { carrier: 'line' }],
];

test.each(NOT_FOLLOWED)('%s cannot be followed', (_, text, given) => {
  expect(codeOf(() => opened(text, given))).toBe('REPLY_INVALID');
});

test('a reply is bounded', () => {
  const open = ['tools/list'];
  const many = JSON.stringify(Array.from({ length: 10_001 }, (_, i) => ({ name: `t${i}` })));
  expect(codeOf(() => opened(list(many), { open }))).toBe('REPLY_TOO_LARGE');
  const requests = new OpenRequests();
  const context = { version: '2025-11-25', server: null, carrier: 'body', requests, limits: { maxBytes: 10 } } as const;
  expect(codeOf(() => openReply(bytesOf(list('[]')), context))).toBe('REPLY_TOO_LARGE');
});

test('keys of the content that differ in case are the server’s affair', () => {
  const text = '{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{"a":1,"A":2}}}';
  expect(rendered(opened(text, { open: ['tools/call'] })).unchanged).toBe(true);
});

test('what is released is told by its questions, and only if all of a message is', () => {
  const release = (reply: Reply, refused: string[]) =>
    reply.render(new Map(reply.questions.map((each) => [each.key, refused.includes(nameOf(each)) ? REFUSE : RELEASE])))
      .released;
  const items = opened(list('[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"c"}]'), { open: ['tools/list'] });
  expect(release(items, ['b'])).toEqual([0]);
  const asks = '{"a":{"method":"roots/list"},"b":{"method":"elicitation/create","params":{}}}';
  const two = opened(`{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":${asks}}}`, {
    version: '2026-07-28',
    open: ['tools/call'],
  });
  expect(release(two, [])).toEqual([0, 1]);
  expect(release(two, ['roots/list'])).toEqual([]);
});
