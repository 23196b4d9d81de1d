import fc from 'fast-check';
import { CALLS, mutated } from './fuzz-json.ts';

/** What a client does on one connection. */
export interface Visit {
  bytes: Buffer;
  /** Bytes are sent in pieces of about this size. */
  piece: number;
  /** Ends its side when all is sent, instead of waiting for answers. */
  hangsUp: boolean;
}

const ROUTES = [
  '/support',
  '/coding',
  '/support/vip',
  '/shadow',
  '/blind',
  '/discreet',
  '/mixed',
  '/read',
  '/apps',
  '/nowhere',
];
const METHODS = [
  'GET',
  'PUT',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PATCH',
  'DELETE',
  'QUERY',
  'PRI',
  'post',
  'M-SEARCH',
];
const TARGETS = [
  '*',
  '/',
  '//',
  '/healthz',
  '/readyz',
  '/metrics',
  '/../support/v1/models',
  'http://evil.example/support/v1/models',
  '/support',
  '/support/',
  '/support/v1/files',
  '/support/v1/models',
  '/support/v1/models/gpt-5-mini?a=b&a=c',
  'evil.example:443',
];
const TWISTS = [
  '/..',
  '/.',
  '//',
  '%2e%2e/',
  '%2f',
  '%5c',
  '%00',
  ';a=b',
  '?x=y',
  '#f',
  '\\',
  '%',
  '%zz',
  '\xe9',
  '/%2e/',
  '/../admin',
  '\t',
  ' ',
  '%73',
  '%252e',
  'A',
  '?',
  '/v1/',
];
const HEADERS = [
  'Expect: 100-continue',
  'Expect: nonsense',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding : chunked',
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: 99999999999',
  'Content-Length: -1',
  'Content-Length: 5, 5',
  'Content-Length: 0x10',
  'Content-Encoding: gzip',
  'Content-Type: application/json; charset=utf-16',
  'Content-Type: text/plain',
  'Connection: close',
  'Connection: upgrade',
  'Connection: authorization, content-type',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Host: evil.example',
  'Host:',
  'X-Forwarded-For: 1.2.3.4',
  'anthropic-version: 2023-06-01',
  'anthropic-beta: x',
  'x-api-key: other',
  'Authorization: Basic abc',
  'Authorization: Bearer vdt_0123456789ab_x',
  ' folded',
  'Bad Header: x',
  ': empty',
  'no-colon',
  'X-Verdict-Decision: 00000000-0000-7000-8000-000000000000',
  'Trailer: x',
  'TE: trailers',
  'Proxy-Authorization: Bearer x',
  'Accept-Encoding: br',
  '__proto__: x',
  `X-Long: ${'a'.repeat(17_000)}`,
  'X-Bytes: \xff\xfe',
  'X-NUL: \x00',
  'X-LF: a\nContent-Length: 3',
];

type Framing = 'length' | 'chunked' | 'short' | 'long' | 'none' | 'bad chunks' | 'both';
const FRAMINGS: Framing[] = ['length', 'chunked', 'short', 'long', 'none', 'bad chunks', 'both'];

/** Mostly the first, so that a request is strange in one way rather than in all. */
const seldom = <T>(usual: T, strange: fc.Arbitrary<T>, weight = 8): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: strange });

const target = (path: string): fc.Arbitrary<string> =>
  seldom(
    path,
    fc.oneof(
      fc.constantFrom(...TARGETS),
      fc.record({ at: fc.nat(), twist: fc.constantFrom(...TWISTS) }).map(({ at, twist }) => {
        const place = at % (path.length + 1);
        return path.slice(0, place) + twist + path.slice(place);
      }),
      fc.string({ unit: 'binary-ascii' }),
      fc.nat(9000).map((length) => `/${'a'.repeat(length)}`),
    ),
    6,
  );

/** One request's bytes. */
const request = (token: string): fc.Arbitrary<Buffer> =>
  fc.constantFrom(...CALLS).chain((call) =>
    fc
      .record({
        body: seldom(Buffer.from(JSON.stringify(call.body)), mutated(call.body), 2),
        method: seldom('POST', fc.constantFrom(...METHODS), 12),
        target: fc
          .constantFrom(...ROUTES, '/support', '/support', '/support', '/shadow')
          .chain((route) => target(`${route}${call.path}`)),
        version: seldom('HTTP/1.1', fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'ICY', ''), 20),
        headers: seldom<string[]>([], fc.array(fc.constantFrom(...HEADERS), { maxLength: 4 }), 4),
        credential: seldom(
          call.anthropic ? `x-api-key: ${token}` : `Authorization: Bearer ${token}`,
          fc.constantFrom(
            'X-None: 1',
            'Authorization: Bearer',
            `Authorization: Bearer ${token}`,
            `x-api-key: ${token}`,
          ),
        ),
        framing: seldom<Framing>('length', fc.constantFrom(...FRAMINGS), 5),
        newline: seldom('\r\n', fc.constantFrom('\n', '\r'), 20),
      })
      .map(({ body, method, target, version, headers, credential, framing, newline }) => {
        const dialect = call.anthropic ? ['anthropic-version: 2023-06-01'] : [];
        const usual = [
          `${method} ${target} ${version}`,
          'Host: verdict',
          'Content-Type: application/json',
          credential,
          ...dialect,
        ];
        const { fields, bytes } = frame(body, framing);
        const head = [...usual, ...fields, ...headers].join(newline);
        return Buffer.concat([Buffer.from(`${head}${newline}${newline}`, 'latin1'), bytes]);
      }),
  );

function frame(body: Buffer, framing: Framing): { fields: string[]; bytes: Buffer } {
  const length = (bytes: number): string => `Content-Length: ${bytes}`;
  switch (framing) {
    case 'length':
      return { fields: [length(body.length)], bytes: body };
    case 'short':
      return { fields: [length(body.length >> 1)], bytes: body };
    case 'long':
      return { fields: [length(body.length + 7)], bytes: body };
    case 'none':
      return { fields: [], bytes: body };
    case 'chunked':
      return { fields: ['Transfer-Encoding: chunked'], bytes: chunks(body, 100) };
    case 'bad chunks':
      return {
        fields: ['Transfer-Encoding: chunked'],
        bytes: Buffer.concat([Buffer.from('7;ext="\r\n'), chunks(body, 33), body]),
      };
    case 'both':
      return { fields: ['Transfer-Encoding: chunked', length(body.length)], bytes: chunks(body, 64) };
  }
}

function chunks(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)};ext=1\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\nX-Trailer: 1\r\n\r\n')]);
}

const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary-ascii', maxLength: 300 }).map((text) => Buffer.from(text, 'latin1')),
  fc.constant(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')),
  fc.constant(Buffer.from('160301020001000100', 'hex')),
);

/** What one client does: some requests in a row, cut off somewhere, in pieces. */
export const visit = (token: string): fc.Arbitrary<Visit> =>
  fc
    .record({
      requests: fc.array(fc.oneof({ weight: 12, arbitrary: request(token) }, { weight: 1, arbitrary: garbage }), {
        minLength: 1,
        maxLength: 3,
      }),
      cut: seldom(1, fc.double({ min: 0, max: 1, noNaN: true }), 6),
      piece: seldom(65_536, fc.integer({ min: 1, max: 400 }), 4),
      hangsUp: seldom(false, fc.constant(true)),
    })
    .map(({ requests, cut, piece, hangsUp }) => {
      const all = Buffer.concat(requests);
      const bytes = all.subarray(0, Math.ceil(all.length * cut));
      const told = JSON.stringify({ bytes: bytes.toString('latin1'), piece, hangsUp });
      return { bytes, piece, hangsUp, [fc.toStringMethod]: () => told };
    });
