import { expect, test } from '@jest/globals';
import { type Judgement, judge, type Message, PROTOCOL_VERSIONS, type ProtocolVersion } from '../../src/mcp/index.ts';
import { codeOf, messagesOf, request } from './support.ts';

const LEGACY = PROTOCOL_VERSIONS.filter((version) => version !== '2026-07-28');
const ALL = PROTOCOL_VERSIONS;
const MODERN: ProtocolVersion[] = ['2026-07-28'];

function judged(body: unknown, version: ProtocolVersion): Judgement {
  return judge(messagesOf(body).messages[0] as Message, version, 'files');
}

/** [method, params, versions that have it, what it is] */
const METHODS: [string, object, readonly ProtocolVersion[], Judgement['kind']][] = [
  ['initialize', {}, LEGACY, 'protocol'],
  ['ping', {}, LEGACY, 'protocol'],
  ['logging/setLevel', { level: 'info' }, LEGACY, 'protocol'],
  ['resources/subscribe', { uri: 'a:b' }, LEGACY, 'call'],
  ['resources/unsubscribe', { uri: 'a:b' }, LEGACY, 'protocol'],
  ['tasks/result', { taskId: 't' }, LEGACY, 'task'],
  ['tasks/list', {}, LEGACY, 'task'],
  ['tasks/get', { taskId: 't' }, ALL, 'task'],
  ['tasks/cancel', { taskId: 't' }, ALL, 'task'],
  ['server/discover', {}, MODERN, 'protocol'],
  ['subscriptions/listen', { notifications: {} }, MODERN, 'protocol'],
  ['tasks/update', { taskId: 't', inputResponses: {} }, MODERN, 'task'],
  ['tools/list', {}, ALL, 'list'],
  ['resources/list', {}, ALL, 'list'],
  ['resources/templates/list', {}, ALL, 'list'],
  ['prompts/list', {}, ALL, 'list'],
  ['tools/call', { name: 'read' }, ALL, 'call'],
  ['resources/read', { uri: 'file:///a' }, ALL, 'call'],
  ['prompts/get', { name: 'p' }, ALL, 'call'],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'p' }, argument: {} }, ALL, 'call'],
  ['sampling/createMessage', {}, [], 'call'],
  ['elicitation/create', {}, [], 'call'],
  ['roots/list', {}, [], 'call'],
  ['notifications/initialized', {}, [], 'call'], // with an id it is a request
  ['tools/CALL', { name: 'read' }, [], 'call'],
  ['tools/call ', { name: 'read' }, [], 'call'],
  ['x-vendor/run', {}, [], 'call'],
];

test.each(METHODS)('%s', (method, params, versions, kind) => {
  for (const version of ALL) {
    if (versions.includes(version)) expect(judged(request(method, params), version).kind).toBe(kind);
    else expect(codeOf(() => judged(request(method, params), version))).toBe('METHOD_NOT_GOVERNED');
  }
});

test('notifications of the protocol and answers of a legacy client pass', () => {
  for (const version of ALL) {
    expect(judged({ jsonrpc: '2.0', method: 'notifications/cancelled' }, version).kind).toBe('protocol');
    expect(codeOf(() => judged({ jsonrpc: '2.0', method: 'tools/call', params: { name: 'x' } }, version))).toBe(
      'METHOD_NOT_GOVERNED',
    );
  }
  const answer = { jsonrpc: '2.0', id: 1, result: { action: 'accept' } };
  expect(judged(answer, '2025-11-25').kind).toBe('answer');
  expect(codeOf(() => judged(answer, '2026-07-28'))).toBe('MESSAGE_INVALID');
});

/** What policy gets of a call, with its arguments as they were sent. */
function callOf(body: unknown, version: ProtocolVersion = '2025-11-25') {
  const judgement = judged(body, version);
  if (judgement.kind !== 'call') throw new Error('expected a call');
  const { call, inputs, retry, task } = judgement;
  const sent = Buffer.from(call.arguments?.raw() ?? []).toString();
  return { ...call, arguments: sent, inputs: inputs?.value(), retry, task };
}

test('a tool call keeps its arguments byte for byte', () => {
  const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"run","arguments":{"a" : [1, 2.50],"b":"\\u00e4"},"_meta":{"progressToken":1}}}`;
  expect(callOf(body)).toEqual({
    name: 'run',
    type: 'function',
    origin: 'mcp',
    server: 'files',
    id: '7',
    arguments: '{"a" : [1, 2.50],"b":"\\u00e4"}',
    inputs: undefined,
    retry: false,
    task: false,
  });
  expect(callOf(request('tools/call', { name: 'run' })).arguments).toBe('{}');
});

test('what else is called goes by its own type', () => {
  expect(callOf(request('resources/read', { uri: 'file:///a', _meta: {} }))).toMatchObject({
    name: 'file:///a',
    type: 'resources/read',
    arguments: '{"uri":"file:///a"}',
  });
  expect(callOf(request('prompts/get', { name: 'p', arguments: { x: 'y' } }))).toMatchObject({
    name: 'p',
    type: 'prompts/get',
    arguments: '{"x":"y"}',
  });
  const ref = { type: 'ref/resource', uri: 'file:///{path}' };
  expect(
    callOf(request('completion/complete', { ref, argument: { name: 'path', value: 'a' }, _meta: {} })),
  ).toMatchObject({
    name: 'file:///{path}',
    type: 'completion/complete',
    arguments: JSON.stringify({ ref, argument: { name: 'path', value: 'a' } }),
  });
});

test('a subscription goes by the URI, and a task by its method', () => {
  expect(callOf(request('resources/subscribe', { uri: 'file:///a', _meta: {} }))).toMatchObject({
    name: 'file:///a',
    type: 'resources/subscribe',
    arguments: '{"uri":"file:///a"}',
  });
  const params = { taskId: 't', inputResponses: { who: {} }, _meta: {} };
  const task = judged(request('tasks/update', params), '2026-07-28');
  if (task.kind !== 'task') throw new Error('expected a task');
  expect(task.call).toMatchObject({ name: 'tasks/update', type: 'tasks/update', server: 'files', id: '1' });
  expect(task.call.arguments?.value()).toEqual({ taskId: 't', inputResponses: { who: {} } });
});

const listening = (notifications: unknown) => request('subscriptions/listen', { notifications, _meta: {} });

test('each resource that a client listens to is asked about once', () => {
  const kinds = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: false };
  const listen = judged(listening({ ...kinds, resourceSubscriptions: ['a:1', 'a:2', 'a:1'] }), '2026-07-28');
  if (listen.kind !== 'protocol') throw new Error('expected a message of the protocol');
  const asked = listen.subscribes?.map(({ name, type, arguments: args }) => [name, type, args?.value()]);
  expect(asked).toEqual([
    ['a:1', 'resources/subscribe', { uri: 'a:1' }],
    ['a:2', 'resources/subscribe', { uri: 'a:2' }],
  ]);
  expect(judged(listening({}), '2026-07-28')).toEqual({ kind: 'protocol', subscribes: [] });
});

test.each([
  ['nothing', undefined],
  ['a list', []],
  ['what an extension adds', { tasksStatus: ['t'] }],
  ['resources in another case', { ResourceSubscriptions: ['a:1'] }],
  ['one resource', { resourceSubscriptions: 'a:1' }],
  ['a resource that is no text', { resourceSubscriptions: [7] }],
  ['a resource without a name', { resourceSubscriptions: [''] }],
  ['too many', { resourceSubscriptions: Array.from({ length: 257 }, (_, index) => `a:${index}`) }],
])('listening to %s is refused', (_, notifications) => {
  expect(codeOf(() => judged(listening(notifications), '2026-07-28'))).toBe('PARAMS_INVALID');
});

test('a retry and a task are seen, and leave the arguments as they are', () => {
  const inputResponses = { who: { action: 'accept', content: { name: 'octocat' } } };
  const call = { name: 'run', arguments: { a: 1 } };
  expect(callOf(request('tools/call', { ...call, inputResponses, requestState: 's' }), '2026-07-28')).toMatchObject({
    arguments: '{"a":1}',
    retry: true,
    inputs: inputResponses,
  });
  expect(callOf(request('tools/call', { ...call, requestState: 's' }), '2026-07-28')).toMatchObject({ retry: true });
  expect(callOf(request('tools/call', { ...call, task: { ttl: 1 } }))).toMatchObject({ task: true, retry: false });
});

test.each([
  ['no params', 'tools/call', undefined],
  ['no name', 'tools/call', {}],
  ['an empty name', 'tools/call', { name: '' }],
  ['an endless name', 'tools/call', { name: 'n'.repeat(257) }],
  ['a list of arguments', 'tools/call', { name: 'x', arguments: [] }],
  ['null arguments', 'tools/call', { name: 'x', arguments: null }],
  ['arguments in another case', 'tools/call', { name: 'x', Arguments: { path: '/etc' } }],
  ['arguments in letters that fold', 'tools/call', { name: 'x', argumentſ: {} }],
  ['a name in another case', 'prompts/get', { NAME: 'x' }],
  ['a task that is none', 'tools/call', { name: 'x', task: true }],
  ['answers that are none', 'tools/call', { name: 'x', inputResponses: 'y' }],
  ['no URI', 'resources/read', { name: 'x' }],
  ['an endless URI', 'resources/read', { uri: 'u'.repeat(4097) }],
  ['a subscription to nothing', 'resources/subscribe', {}],
  ['a task without an id', 'tasks/get', {}],
  ['a task whose id is no text', 'tasks/result', { taskId: 7 }],
  ['a task in another case', 'tasks/list', { TaskId: 'u' }],
  ['no reference', 'completion/complete', { argument: {} }],
  ['a reference in another case', 'completion/complete', { ref: { type: 'ref/prompt', name: 'a', Uri: 'b' } }],
] as [string, string, object | undefined][])('%s is refused', (_, method, params) => {
  expect(codeOf(() => judged(request(method, params), '2025-11-25'))).toBe('PARAMS_INVALID');
});
