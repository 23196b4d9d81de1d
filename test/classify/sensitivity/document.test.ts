import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { found, kindsIn } from './find.ts';

const TYPESCRIPT = readFileSync('src/classify/sensitivity/check-digit.ts', 'utf8');
const PYTHON = `import os
from typing import List

class Store:
    def __init__(self, path: str):
        self.path = path

    def names(self) -> List[str]:
        # Hidden files stay out.
        return [name for name in os.listdir(self.path) if not name.startswith(".")]
`;
const SQL = `SELECT o.id, o.total, c.name
FROM orders o
JOIN customers c ON c.id = o.customer_id
WHERE o.total > 100 AND c.country = 'DE'
ORDER BY o.total DESC;`;
const GO = `func main() {
	flag.Parse()
	if err := run(*addr); err != nil {
		log.Fatal(err)
	}
}`;
const SHELL = `#!/bin/sh
set -eu
for file in "$@"; do
  if [ -f "$file" ]; then
    sed -i 's/a/b/' "$file"
  fi
done`;
const HTML = `<html>
<head><title>x</title></head>
<body class="a">
  <div id="b"><p>Hello</p></div>
  <script src="/x.js"></script>
</body>
</html>`;
const RUST = `impl Chain {
    pub fn last(&self) -> Option<&Record> {
        self.records.last()
    }
    fn len(&self) -> usize { self.records.len() }
}`;

test.each(Object.entries({ TYPESCRIPT, PYTHON, SQL, GO, SHELL, HTML, RUST }))('%s is source code', (_, code) => {
  expect(kindsIn(code)).toEqual(['source_code']);
  expect(kindsIn(`Please review this:\n\n\`\`\`\n${code}\n\`\`\`\n\nThank you!`)).toEqual(['source_code']);
});

const PROSE = `Dear all,

we met on Tuesday (in the big room), and there were three topics: budget, hiring, and the move.
Anna said that the budget is fine; Bob was not so sure. If we hire two people, we need more rooms.

- budget: fine
- hiring: two people
- move: in May

1. Find rooms (by March).
2. Ask for money.

Return the form by Friday. Import duties, e.g. for chairs, are paid by the class of goods.
Best regards,
Eve`;
const JSON_TEXT = JSON.stringify({ a: [1, 2, { b: 'c', d: [true, null, 'return (x);'] }], e: { f: 'g' } }, null, 2);
const YAML = 'name: x\non:\n  push:\n    branches: [main]\njobs:\n  build:\n    steps:\n      - uses: a/b\n';
const CSV = 'id,name,total\n1,Anna,12.50\n2,Bob,7.00\n3,Eve,1.25\n4,Tom,9.75\n5,Kim,3.00\n6,Lee,4.10\n';
const LOG = '2026-11-25 03:37:52 INFO started\n2026-11-25 03:37:53 WARN slow (12 ms)\n'.repeat(4);
const MARKDOWN = '# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n> A quote.\n\n* one\n* two\n';

test.each(Object.entries({ PROSE, JSON_TEXT, YAML, CSV, LOG, MARKDOWN }))('%s is no source code', (_, text) => {
  expect(found(text)).toEqual([]);
});

test('a line or two of code in a sentence is none', () => {
  expect(found('Use `const x = f(1);` and then\n\n    return x;\n\nto finish.')).toEqual([]);
});

test.each([
  ['CONFIDENTIAL', 'CONFIDENTIAL'],
  ['Strictly confidential', 'confidential'],
  ['**Confidential and proprietary**', 'Confidential'],
  ['For internal use only.', 'internal use only'],
  ['DO NOT DISTRIBUTE', 'DO NOT DISTRIBUTE'],
  ['Copyright (c) 2024 Acme', 'Copyright'],
  ['© 2024 Acme. All rights reserved.', 'All rights reserved'],
  ['ATTORNEY-CLIENT PRIVILEGED', 'ATTORNEY-CLIENT'],
  ['This document contains trade secrets; company confidential.', 'company confidential'],
])('%s is a marker', (text, marker) => {
  expect(found(text)).toContain(`proprietary: ${marker}`);
});

test.each([
  'I keep confidential talks confidential.',
  'a proprietary format',
  'the copyright office',
  'They traded secrets.',
])('%s is none', (text) => {
  expect(found(text)).toEqual([]);
});
