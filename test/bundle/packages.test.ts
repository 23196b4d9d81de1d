import { expect, test } from '@jest/globals';
import { unaskedPackages } from '../../src/bundle/packages.ts';

test.each([
  'data.org',
  'data.org.a.b',
  'data.org.a.b.c',
  'data.org["a.b"].c',
  'data.org.a["b"]',
  'data.org["a\\"]"].b',
])('nothing asks for %s', (name) => {
  expect(unaskedPackages({ [name]: ['x.rego'] })).toEqual([name]);
});

test.each(['data', 'data.org.a', 'data.org["a.b"]', 'data.org["a\\"].b"]', 'data.organs.a.b', 'data.routes.a.b'])(
  'the composer asks for %s, or it is no package of the organisation',
  (name) => {
    expect(unaskedPackages({ [name]: ['x.rego'] })).toEqual([]);
  },
);

test('data and tests may lie deeper', () => {
  expect(unaskedPackages({ 'data.org.a.b': ['org/a/b/data.yaml', 'org/a/b/b_test.rego'] })).toEqual([]);
  expect(unaskedPackages({ 'data.org.a.b': ['org/a/b/data.yaml', 'org/a/b/b.rego'] })).toEqual(['data.org.a.b']);
});
