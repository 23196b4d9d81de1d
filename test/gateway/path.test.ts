import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalPath, MAX_TARGET, PathError } from '../../src/gateway/path.ts';

function outcome(target: string): string {
  try {
    const { path, query } = canonicalPath(target);
    return query ? `${path} ${query}` : path;
  } catch (error) {
    if (error instanceof PathError) return error.code;
    throw error;
  }
}

describe('one spelling', () => {
  test.each([
    ['/', '/'],
    ['/v1/chat/completions', '/v1/chat/completions'],
    ['/v1/chat/completions/', '/v1/chat/completions/'],
    ['/%76%31/%63hat', '/v1/chat'],
    ['/a%2Db%5fc%7e', '/a-b_c~'],
    ['/a%3ab%40c', '/a%3Ab%40c'],
    ['/a:b@c', '/a:b@c'],
    ['/100%25', '/100%25'],
    ['/a/./b', '/a/b'],
    ['/a/.', '/a/'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/a/../b', '/b'],
    ['/openai/../admin', '/admin'],
    ['/openai/%2e%2e/admin', '/admin'],
    ['/openai/%2E./admin', '/admin'],
    ['/a/.../b', '/a/.../b'],
    ['/a/..b', '/a/..b'],
    ['/A/b', '/A/b'],
    ['/a?', '/a'],
    ['/a?b=c&d=%2f%0a', '/a b=c&d=%2f%0a'],
    ['/a?b/../c?d', '/a b/../c?d'],
    ['/a?x[]=1|2', '/a x[]=1|2'],
  ])('%s is %s', (target, expected) => {
    expect(outcome(target)).toBe(expected);
  });
});

describe('no spelling', () => {
  test.each([
    '',
    '*',
    'a',
    '?a',
    'http://127.0.0.1/v1/models',
    'HTTP://evil.example.com/',
    'evil.example.com:443',
    '//evil.example.com/v1',
    '/a//b',
    '/a/..//b',
    '/a//',
    '//',
    '/..',
    '/../a',
    '/a/../../b',
    '/%2e%2e/a',
    '/a/%2e%2e/%2e%2e',
    '/a%2fb',
    '/a%2Fb',
    '/..%2f..%2fadmin',
    '/a%5cb',
    '/a\\b',
    '/\\evil.example.com',
    '/a;b=c',
    '/a;/../b',
    '/..;/admin',
    '/a%3bb',
    '/a%3Bb',
    '/a#b',
    '/a?b#c',
    '/a%00',
    '/a%0d%0aHost:%20x',
    '/a%1f',
    '/a%7f',
    '/a%80',
    '/a%c0%af',
    '/%e2%80%ae',
    '/a%',
    '/a%2',
    '/a%zz',
    '/a%%32%65',
    '/a%u002e',
    '/%252e%252e/a',
    '/a%252f',
    '/a%25%32%65',
    '/a b',
    '/a\tb',
    '/a\u0000',
    '/a\r\nx',
    '/a\n',
    '/é',
    '/a\u2215b',
    '/a\uff0e\uff0e/b',
    '/a"',
    '/<a>',
    '/{a}',
    '/a^b',
    '/a`b',
    '/a|b',
    '/a[b]',
    '/a?b c',
    '/a?é',
    '/a?b\\c',
    '/a?%',
    '/a?%g0',
    '/a?b\n',
  ])('%j is refused', (target) => {
    expect(outcome(target)).toBe('PATH_INVALID');
  });

  test('beyond the last length that passes', () => {
    expect(outcome(`/${'a'.repeat(MAX_TARGET - 1)}`)).toHaveLength(MAX_TARGET);
    expect(outcome(`/${'a'.repeat(MAX_TARGET)}`)).toBe('PATH_INVALID');
    expect(outcome(`/?${'a'.repeat(MAX_TARGET - 1)}`)).toBe('PATH_INVALID');
  });

  test('a refusal does not quote the target', () => {
    expect(() => canonicalPath('/canary;canary%zz')).toThrow(/^(?!.*canary).*$/);
  });
});

const pieces = fc.constantFrom(
  '/',
  '.',
  '..',
  '%2e',
  '%2E',
  '%2f',
  '%25',
  '%41',
  '%3a',
  '%',
  'a',
  'B',
  '~',
  ';',
  '?',
  '\\',
  ':',
  'é',
  '//',
);
const targets = fc.oneof(
  fc.array(pieces, { maxLength: 20 }).map((parts) => `/${parts.join('')}`),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }).map((text) => `/${text}`),
  fc.webPath(),
);

test('what has a canonical spelling is left as it is the second time, and nothing dangerous is in it', () => {
  let accepted = 0;
  fc.assert(
    fc.property(targets, (target) => {
      const first = outcome(target);
      if (first === 'PATH_INVALID') return;
      accepted++;
      const { path, query } = canonicalPath(target);
      expect(canonicalPath(query ? `${path}?${query}` : path)).toEqual({ path, query });
      expect(path).toMatch(/^\/[\x21-\x7e]*$/);
      expect(path.split('/').slice(1, -1)).not.toContain('');
      expect(path.split('/').filter((segment) => segment === '.' || segment === '..')).toEqual([]);
      // Whoever parses it by the WHATWG rules, or decodes it again, finds the same segments.
      const url = new URL(`http://host${path}`);
      expect([url.host, url.pathname]).toEqual(['host', path]);
      expect(decodeURIComponent(path).split('/')).toHaveLength(path.split('/').length);
    }),
    { numRuns: 20_000 },
  );
  expect(accepted).toBeGreaterThan(1000);
});
