import fc from 'fast-check';

/** Valid calls of both dialects; a mutation takes one of them as its beginning. */
export const CALLS: { path: string; anthropic: boolean; body: object }[] = [
  chat({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 3 }),
  chat({
    messages: [{ role: 'user', content: 'Hi' }],
    max_tokens: 2,
    stream: true,
    stream_options: { include_usage: true },
  }),
  chat({
    messages: [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See' },
          { type: 'image_url', image_url: { url: 'data:,' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'lookup_order', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'none' },
    ],
    max_completion_tokens: 3,
    n: 1,
    temperature: 0.5,
    tools: [{ type: 'function', function: { name: 'lookup_order', parameters: { type: 'object', properties: {} } } }],
  }),
  message({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 3 }),
  message({
    system: [{ type: 'text', text: 'Be brief.' }],
    messages: [
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'x' }] }] },
    ],
    max_tokens: 2,
    stream: true,
    tools: [{ name: 'create_ticket', input_schema: { type: 'object' } }],
    fallbacks: [{ model: 'claude-haiku-5-5' }],
  }),
];

function chat(body: object): (typeof CALLS)[number] {
  return { path: '/v1/chat/completions', anthropic: false, body: { model: 'gpt-5-mini', ...body } };
}

function message(body: object): (typeof CALLS)[number] {
  return { path: '/v1/messages', anthropic: true, body: { model: 'claude-haiku-5-5', ...body } };
}

const KEYS = [
  'model',
  'Model',
  'messages',
  'stream',
  'max_tokens',
  'n',
  'tools',
  'functions',
  'fallbacks',
  'web_search_options',
  'mcp_servers',
  '__proto__',
  '',
];
/** Places where JSON text may be broken, or read in two ways. */
const SCRAPS = [
  '"model":"x",',
  '\t',
  '\n',
  '\r',
  ' ',
  '\u00a0',
  '\ufeff',
  '/**/',
  ',',
  '\u0000',
  '\\u0000',
  '\ud800',
  '1e999',
  '-0',
  '01',
  'NaN',
  '\\ud800',
  '9007199254740993',
  '['.repeat(70),
  '{"a":'.repeat(3000),
  '}',
];

/** A value in place of another: anything, or what a limit might stumble over. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    null,
    true,
    '',
    -1,
    0,
    1e21,
    1e308,
    1.5,
    2 ** 53,
    [],
    {},
    'gpt-5-pro',
    'lookup_order',
    '\u0000',
    '\ud800',
    'é😀',
  ),
);

type Change =
  | { kind: 'put'; at: number; value: unknown }
  | { kind: 'drop'; at: number }
  | { kind: 'add'; at: number; key: string; value: unknown };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), at: fc.nat(), value }),
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('add' as const),
    at: fc.nat(),
    key: fc.oneof(fc.constantFrom(...KEYS), fc.string()),
    value,
  }),
);

/** Bytes of a body that began as a valid call and was changed: as a tree, then as text, then as bytes. */
export const mutated = (body: object): fc.Arbitrary<Buffer> =>
  fc
    .record({
      changes: fc.array(change, { maxLength: 3 }),
      scraps: fc.array(fc.record({ at: fc.nat(), scrap: fc.constantFrom(...SCRAPS) }), { maxLength: 2 }),
      flips: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(fc.record({ at: fc.nat(), bit: fc.nat(7) }), { maxLength: 2 }) },
      ),
      encoding: fc.oneof(
        { weight: 9, arbitrary: fc.constant('utf8' as const) },
        { weight: 1, arbitrary: fc.constantFrom('latin1' as const, 'utf16le' as const) },
      ),
      spread: fc.constantFrom(undefined, undefined, 1, '\t'),
    })
    .map(({ changes, scraps, flips, encoding, spread }) => {
      const tree = structuredClone(body);
      for (const one of changes) apply(tree, one);
      const text = scraps.reduce((json, { at, scrap }) => insert(json, at, scrap), JSON.stringify(tree, null, spread));
      const bytes = Buffer.from(text, encoding);
      for (const { at, bit } of flips)
        if (bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
      return bytes;
    });

function apply(tree: object, one: Change): void {
  const slots = [...slotsOf(tree)];
  const slot = slots[one.at % Math.max(slots.length, 1)];
  if (!slot) return;
  const { holder, key } = slot;
  if (one.kind === 'put') define(holder, key, one.value);
  else if (one.kind === 'add') define(holder, one.key, one.value);
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

type Holder = Record<string, unknown>;

/** Also for the key __proto__, which an assignment would take for something else. */
function define(holder: Holder, key: string, to: unknown): void {
  if (Array.isArray(holder)) holder[Number(key) || 0] = to;
  else Object.defineProperty(holder, key, { value: to, enumerable: true, configurable: true, writable: true });
}

function* slotsOf(node: object): Generator<{ holder: Holder; key: string }> {
  for (const [key, child] of Object.entries(node)) {
    yield { holder: node as Holder, key };
    if (typeof child === 'object' && child !== null) yield* slotsOf(child);
  }
}

/** Preferably where a token ends. */
function insert(text: string, at: number, scrap: string): string {
  const ends = [...text.matchAll(/[{[,:\]}]/g)].map(({ index }) => index + 1);
  const place = at % 2 === 0 && ends.length > 0 ? (ends[(at >> 1) % ends.length] ?? 0) : at % (text.length + 1);
  return text.slice(0, place) + scrap + text.slice(place);
}
