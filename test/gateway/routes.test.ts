import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findConflicts, isReserved, type Route, Routes } from '../../src/gateway/routes.ts';

const route = (id: string, match: Partial<Route['match']>): Route => ({
  id,
  match: { path: '/', methods: ['GET', 'POST'], ...match },
  kind: 'model',
  on_denied_tool: 'error',
  policy: id,
  mode: 'enforce',
  text: 'full',
  classify: true,
  input: { mask: [] },
  audit: { input: 'full' },
});

const OPENAI = { provider: 'openai', application: null };

function find(
  routes: Route[],
  method: string,
  path: string,
  caller: Parameters<Routes['resolve']>[1] = OPENAI,
): string {
  const all = new Routes(routes);
  const match = all.match(method, path);
  if (!match) return 'no prefix';
  const found = all.resolve(match, caller);
  return found ? `${found.id} ${match.rest}` : `none of ${match.candidates.length}, allow ${match.methods.join('|')}`;
}

describe('the longest prefix at a segment boundary', () => {
  const routes = [
    route('root', { path: '/' }),
    route('a', { path: '/a' }),
    route('ab', { path: '/a/b' }),
    route('abcd', { path: '/a/b/c/d', methods: ['GET'] }),
  ];
  test.each([
    ['/', 'root /'],
    ['/x', 'root /x'],
    ['/a', 'a /'],
    ['/a/', 'a /'],
    ['/ab', 'root /ab'],
    ['/A', 'root /A'],
    ['/a/x/y', 'a /x/y'],
    ['/a/b', 'ab /'],
    ['/a/b/v1/models', 'ab /v1/models'],
    ['/a/bb', 'a /bb'],
    ['/a/b/c', 'ab /c'],
    ['/a/b/c/d/e', 'abcd /e'],
  ])('%s is %s', (path, expected) => {
    expect(find(routes, 'GET', path)).toBe(expected);
  });

  test('a shorter prefix is not tried when the longest takes no such method or caller', () => {
    expect(find(routes, 'POST', '/a/b/c/d/e')).toBe('none of 0, allow GET');
    expect(find(routes, 'DELETE', '/a')).toBe('none of 0, allow GET|POST');
    const other = [...routes, route('s', { path: '/s', provider: 'anthropic' })];
    expect(find(other, 'POST', '/s/v1')).toBe('none of 1, allow GET|POST');
  });

  test('without a root there may be no prefix', () => {
    expect(find(routes.slice(1), 'GET', '/b')).toBe('no prefix');
    expect(find(routes.slice(1), 'GET', '/__proto__')).toBe('no prefix');
  });
});

test('candidates are told apart by provider and application', () => {
  const routes = [
    route('openai-any', { path: '/x', provider: 'openai', application: 'one' }),
    route('anthropic-any', { path: '/x', provider: 'anthropic' }),
    route('openai-two', { path: '/x', provider: 'openai', application: 'two' }),
  ];
  expect(findConflicts(routes)).toEqual([]);
  expect(find(routes, 'GET', '/x', { provider: 'openai', application: 'one' })).toBe('openai-any /');
  expect(find(routes, 'GET', '/x', { provider: 'openai', application: 'two' })).toBe('openai-two /');
  expect(find(routes, 'GET', '/x', { provider: 'openai', application: 'three' })).toMatch(/^none of 3/);
  expect(find(routes, 'GET', '/x', { provider: 'openai', application: null })).toMatch(/^none of 3/);
  expect(find(routes, 'GET', '/x', { provider: 'anthropic', application: 'one' })).toBe('anthropic-any /');
});

test.each<[Partial<Route['match']>, Partial<Route['match']>, boolean]>([
  [{}, {}, true],
  [{ path: '/a' }, { path: '/b' }, false],
  [{ path: '/a' }, { path: '/a/b' }, false],
  [{ methods: ['GET'] }, { methods: ['POST'] }, false],
  [{ methods: ['GET'] }, { methods: ['GET', 'POST'] }, true],
  [{ provider: 'openai' }, { provider: 'anthropic' }, false],
  [{ provider: 'openai' }, {}, true],
  [{ application: 'a' }, { application: 'b' }, false],
  [{ application: 'a' }, {}, true],
  [{ provider: 'openai' }, { application: 'a' }, true],
  [{ provider: 'openai', application: 'a' }, { provider: 'anthropic', application: 'a' }, false],
])('%j and %j conflict: %s', (a, b, expected) => {
  expect(findConflicts([route('a', a), route('b', b)])).toEqual(expected ? [{ first: 0, second: 1 }] : []);
});

test('whatever has no conflicts has at most one answer, the same as by trying every route', () => {
  const matches = fc.record({
    path: fc.constantFrom('/', '/a', '/a/b', '/b'),
    methods: fc.subarray(['GET', 'POST'], { minLength: 1 }),
    provider: fc.option(fc.constantFrom('openai' as const, 'anthropic' as const), { nil: undefined }),
    application: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
  });
  const segments = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
  const callers = fc.record({
    provider: fc.constantFrom('openai', 'anthropic'),
    application: fc.option(fc.constantFrom('x', 'y', 'z')),
  });
  fc.assert(
    fc.property(
      fc.array(matches, { maxLength: 6 }),
      segments,
      fc.constantFrom('GET', 'POST'),
      callers,
      (list, path, method, caller) => {
        const routes: Route[] = [];
        for (const [index, match] of list.entries()) {
          const next = [...routes, route(`r${index}`, match as Partial<Route['match']>)];
          if (findConflicts(next).length === 0) routes.splice(0, routes.length, ...next);
        }
        const isUnder = (prefix: string) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
        const longest = Math.max(...routes.filter((r) => isUnder(r.match.path)).map((r) => r.match.path.length));
        const fitting = routes.filter(
          ({ match }) =>
            isUnder(match.path) &&
            match.path.length === longest &&
            match.methods.includes(method) &&
            (match.provider ?? caller.provider) === caller.provider &&
            (match.application ?? caller.application) === caller.application,
        );
        const all = new Routes(routes);
        const match = all.match(method, path);
        expect(fitting.length).toBeLessThan(2);
        expect(match && all.resolve(match, caller)).toBe(fitting[0]);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a match takes no longer with 1000 routes than with 10', () => {
  const time = (count: number): number => {
    const all = new Routes(
      Array.from({ length: count }, (_, index) => route(`r${index}`, { path: `/team-${index}/app` })),
    );
    const once = (): number => {
      const begin = performance.now();
      for (let index = 0; index < 20_000; index++) all.match('POST', '/team-7/app/v1/chat/completions');
      return performance.now() - begin;
    };
    return Math.min(...Array.from({ length: 5 }, once));
  };
  expect(time(1000)).toBeLessThan(10 * time(10));
});

test('reserved paths', () => {
  expect(['/healthz', '/readyz/x', '/metrics'].filter((path) => !isReserved(path))).toEqual([]);
  expect(['/', '/health', '/healthzz', '/a/metrics'].filter(isReserved)).toEqual([]);
});
