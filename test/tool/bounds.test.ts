import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { actionsOf } from '../../src/tool/index.ts';
import { bash, tool, toolCall } from './call.ts';

const MEGABYTE = 1 << 20;
const NAMES = [
  'Bash',
  'shell',
  'apply_patch',
  'Read',
  'Glob',
  'WebFetch',
  'web_fetch',
  'str_replace_editor',
  'move_file',
  'x',
];
const PIECES =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text has such placeholders
  "rm|-rf|/|'|\"|$|${|}|$(|)|`|(|{|\\|\n|;|&|&&|\\||>|<<E\n|E\n|<<<|<(|a=b|$a|*|?|[|]|[[|]]|((|))|if|then|fi|for|in|do|done|case|esac|f()|function|coproc|eval|sh -c|sudo|env|xargs|find|-exec|trap|alias|cd|..|~|#|!|time|=|,|{a,b}|$'|é|\0|\r\n| "
    .split('|')
    .map((piece) => (piece === '\\' ? '|' : piece));
const script = fc.array(fc.constantFrom(...PIECES, ' ', ' '), { maxLength: 60 }).map((pieces) => pieces.join(''));

test('whatever a shell is given: no throw, the same actions again, all of them well formed', () => {
  fc.assert(
    fc.property(script, (command) => {
      const call = toolCall('Bash', { command });
      const actions = actionsOf(call);
      expect(actionsOf(call)).toEqual(actions);
      for (const action of actions) {
        if (action.kind !== 'command') continue;
        expect(action.words.length).toBeGreaterThan(0);
        // What only the run can tell shows in the words.
        if (action.dynamic) expect(action.words.join(' ')).toContain('$');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('whatever arguments a tool is given: no throw', () => {
  const member = fc.constantFrom(
    'command',
    'cmd',
    'path',
    'file_path',
    'url',
    'action',
    'commands',
    'input',
    'prompt',
    'env',
    'paths',
    'files',
  );
  const value = fc.oneof(
    fc.jsonValue(),
    script,
    fc.dictionary(member, fc.oneof(fc.jsonValue(), script), { noNullPrototype: true }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      fc.oneof(value, fc.dictionary(member, value, { noNullPrototype: true })),
      (name, given) => {
        const text = JSON.stringify(given);
        fc.pre(Object.getOwnPropertyNames(given ?? {}).every((key) => key !== '__proto__') && text !== undefined);
        let call: ReturnType<typeof toolCall>;
        try {
          call = toolCall(name, given);
        } catch {
          return; // No exact JSON.
        }
        expect(Array.isArray(actionsOf(call))).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});

const HOSTILE = [
  ...[
    '(',
    '$(',
    '`',
    '"$(',
    '{ ',
    '{a,',
    '${a:-',
    '$((',
    '<<a ',
    '<(',
    'if ',
    'a|',
    'a&&',
    '>a ',
    "'",
    '"',
    '$',
    '\\',
    'a=b;$a ',
  ],
  ...[
    'sudo ',
    'eval ',
    'coproc ',
    'alias a="b;a"\n',
    'a="$a$a";',
    'cd a;',
    'x=(',
    '[[ ',
    'f(){ ',
    '{a,b}',
    'env a=b ',
    'make ::',
    'export a[',
    "x='[[[' ",
    '~/../',
  ],
];

test.each(HOSTILE)('%j over and over: in bounds, and soon', (piece) => {
  for (const length of [120_000, MEGABYTE]) {
    const before = performance.now();
    const actions = actionsOf(toolCall('Bash', { command: piece.repeat(length / piece.length) }));
    // Far above what it takes (under 300 ms), far below what a square would (minutes).
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(JSON.stringify(actions).length).toBeLessThan(2 * MEGABYTE);
  }
});

test('more than anybody reads is one opaque action', () => {
  expect(bash('rm x;'.repeat(MEGABYTE / 5))).toEqual(['opaque too_large']);
  expect(bash('rm x;'.repeat(5_000))).toEqual(['opaque too_large']);
  expect(bash(`${'$('.repeat(50)}rm x${')'.repeat(50)}`)).toEqual(['opaque too_deep']);
  expect(bash(`${'sudo '.repeat(50)}rm x`)).toEqual(['opaque too_deep']);
  expect(bash(`a0=xxxxxxxxxx\n${[...Array(40).keys()].map((i) => `a${i + 1}="$a${i}$a${i}"`).join('\n')}`)).toEqual([
    'opaque too_large',
  ]);
  expect(tool('Read', { file_path: 'x'.repeat(MEGABYTE) })).toEqual(['opaque too_large']);
  expect(tool('read_multiple_files', { paths: [...Array(3_000).keys()].map(String) })).toEqual(['opaque too_large']);
});
