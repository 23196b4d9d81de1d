// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text has such placeholders
import { expect, test } from '@jest/globals';
import { bash } from './call.ts';

const filesOf = (command: string): string[] => bash(command).filter((line) => /^(read|write|delete) /.test(line));

/** Patterns of source files lie where their folders do. */
test.each<[string, string[]]>([
  ['cat src/*.ts', ['read /w/app/src/$.ts workspace']],
  ['cat *.md', ['read /w/app/$.md workspace']],
  ['cat ./src/**/[a-z]?.test.tsx', ['read /w/app/src/$/$.test.tsx workspace']],
  ['cat packages/*/index.js', ['read /w/app/packages/$/index.js workspace']],
  ['cat "src"/*.ts', ['read /w/app/src/$.ts workspace']],
  ['cat src/*.{ts,py}', ['read /w/app/src/$.ts workspace', 'read /w/app/src/$.py workspace']],
  ['D=src; cat $D/*.ts', ['read /w/app/src/$.ts workspace']],
  ['cd src; cat *.ts', ['read /w/app/src/$.ts workspace']],
  ['grep -n foo src/*.ts | head', ['read /w/app/src/$.ts workspace']],
  ['cat < src/*.ts', ['read /w/app/src/$.ts workspace']],
  ['cat /w/app/src/*.ts', ['read /w/app/src/$.ts workspace']],
  ['cp src/*.ts lib', ['read /w/app/src/$.ts workspace', 'write /w/app/lib workspace']],
  // What is named is outside.
  ['cat /etc/*.md', ['read /etc/$.md outside']],
  ['cat /*/x.md', ['read /$/x.md outside']],
  ['cp *.ts ../x', ['read /w/app/$.ts workspace', 'write /w/x outside']],
  ['rm -rf dist/*', ['delete /w/app/dist/$ workspace']],
  ['rm -f ./src/gen/*.js', ['delete /w/app/src/gen/$.js workspace']],
  ['cd ..; rm -rf dist/*', ['delete /w/dist/$ unknown']],
  ['cd .. && rm -rf dist/*', ['delete /w/dist/$ outside']],
])('%j lies where its folders do', (command, expected) => {
  expect(filesOf(command)).toEqual(expected);
});

test.each([
  'cat *',
  'cat *.json',
  'cat *.pem',
  'cat .e*',
  'cat src/.*.ts',
  'cat .*/*.ts',
  'cat ../*.ts',
  'cat src/../*.ts',
  'cat ~/*.ts',
  'cat "~"/*.ts',
  'cat ~+/*.ts',
  'cat $HOME/*.ts',
  'cat $X.ts',
  'cat $X*.ts',
  'cat *$X.ts',
  'cat "$X"/*.ts',
  'cat $(echo ..)/*.ts',
  'X=..; cat $X/*.ts',
  "X='*.ts'; cat $X",
  'cat [$X]*.ts',
  'cat [.]./*.ts',
  'cat @(..)/*.ts',
  'cat ?(.)*.ts',
  'cat !(a).ts',
  'cat {*,a}.ts',
  'cat */',
  'cat "*"*.ts',
  'cat *.ts.env',
  'cd /etc; cat *.ts',
  'cd $X && cat *.ts',
  'for f in *.ts; do cat $f; done',
  'cp lib/x src/*.ts',
  'cp src/*.ts',
  'mv *.ts lib',
  'tee src/*.ts',
  'echo x > src/*.ts',
  'rm *.ts',
  'rm -rf ./*',
  'rm -rf */a',
  'rm -rf /w/app/*',
  'rm -rf dist/.*',
  'rm -rf .claude/*',
  'rm -rf dist/*/..',
  'rm -rf dist/$X',
  'rm -rf dist/*$X',
])('%j lies nobody knows where', (command) => {
  expect(filesOf(command).some((line) => line.endsWith(' unknown'))).toBe(true);
});

/** Names that `find` hands over. */
test.each<[string, string]>([
  ["find src -name '*.ts' -exec cat {} +", 'run find -exec > cat src/$.ts ?'],
  ["find src/ -type f -name '*.ts' -exec grep -l x {} \\;", 'run find -exec > grep -l x src/$.ts ?'],
  ["find . -name '*.ts' -not -path './node_modules/*' -exec cat {} +", 'run find -exec > cat ./$.ts ?'],
  ["find src -name '*.ts' | xargs cat", 'run xargs > cat src/$.ts ? |'],
  ["find src -name '*.ts' -print0 | xargs -0 -n 1 cat", 'run xargs > cat src/$.ts ? |'],
  ["find src -name '*.ts' | sort -u | head -5 | xargs -I{} cat {}", 'run xargs > cat src/$.ts ? |'],
  ["find src -name '*.ts' | xargs wc -l 2>/dev/null", 'run xargs > wc -l src/$.ts ? |'],
])('%j hands over source files', (command, line) => {
  expect(bash(command)).toContain(line);
  expect(filesOf(command).filter((file) => file.endsWith(' workspace'))).toEqual(filesOf(command));
});

test.each([
  "find . -name '.e*' -exec cat {} +",
  "find . -name '*' -exec cat {} +",
  'find . -exec cat {} +',
  "find . -iname '*.ts' -exec cat {} +",
  "find . -name '*.pem' -exec cat {} +",
  "find . -name '*.t[!s]' -exec cat {} +",
  "find . -name '*.ts' -o -name '.e*' -exec cat {} +",
  "find . \\( -name '*.ts' -o -name '.e*' \\) -exec cat {} +",
  "find . -name '*.ts' -exec true {} \\; -o -exec cat {} +",
  "find . -name '*.ts' , -exec cat {} +",
  "find . -name -type -o -name '*.ts' -exec cat {} +",
  "find . ! -name '*.ts' -exec cat {} +",
  "find . -name '*.ts' -execdir cat {} +",
  "find . -name '*.ts' -exec cat {}.env \\;",
  "find . -name '*.ts' -exec cat {}/../x \\;",
  "find .. -name '*.ts' -exec cat {} +",
  "find . -name '*.ts' -name $X -exec cat {} +",
  "find src /etc -name '*.md' -exec cat {} +",
  "find $X -name '*.md' -exec cat {} +",
  "find ~ -name '*.md' -exec cat {} +",
  "find . -name '*.ts' -printf '/etc/passwd' | xargs cat",
  "find . -name '*.ts' -exec echo /etc/passwd \\; | xargs cat",
  "find . -name '*.ts' | xargs -a list cat",
  "find . -name '*.ts' | xargs --arg-file=list cat",
  "find . -name '*.ts' | xargs cat < list",
  "find . -name '*.ts' | { xargs cat; } < list",
  "find . -name '*.ts' | xargs -I% cat %/../x",
  "find . -name '*.ts' | xargs -I% cat %*.ts",
  "find . -name '*.ts' | sed s/x/y/ | xargs cat",
  "find . -name '*.ts' | sort list | xargs cat",
  "find . -name '*.ts' | head -c9 | xargs cat",
  "(find . -name '*.ts'; cat list) | xargs cat",
  "{ find . -name '*.ts'; cat list; } | xargs cat",
  "find . -name '*.ts'; cat list | xargs cat",
  "find() { cat list; }; find . -name '*.ts' | xargs cat",
  "function sort { cat list; }; find . -name '*.ts' | sort | xargs cat",
  "alias find='cat list #'\nfind . -name '*.ts' | xargs cat",
  "find . -name '*.ts' | (cd $X; xargs cat)",
])('%j hands over what nobody knows', (command) => {
  expect(filesOf(command).some((line) => /^read .* (unknown|outside)$/.test(line))).toBe(true);
});
