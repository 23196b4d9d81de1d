import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { EXIT } from '../src/cli/exit.ts';
import { type Config, readConfig } from '../src/gateway/index.ts';
import { Certificate, type Purpose, validatePath } from '../src/pki/index.ts';
import { type Block, readPage } from './readme/page.ts';
import { type Done, freePort, runSession, type Step } from './readme/session.ts';
import { Checkout, terminalEnv } from './support/checkout.ts';

const README_PORT = '127.0.0.1:8080';
const page = readPage(readFileSync('README.md', 'utf8'));
const runnable = page.blocks.filter(({ language }) => language === 'sh' || language === 'js');
const nameOf = ({ language, line, text }: Block): string => `line ${line} (${language}): ${text.split('\n')[0]}`;

/** A command in the prose begins with one of these. */
const PROGRAMS = [
  'npm',
  'npx',
  'node',
  'curl',
  'openssl',
  'sha256sum',
  'git',
  'go',
  'docker',
  'verdict',
  'scripts/verdict',
];

/** Ends a gateway as Ctrl-C does; the exit code is the gateway's. */
const STOP = 'kill "$gateway"\nwait "$gateway"';

/** Lines that run otherwise here than a reader's: one does not return, one would run this test, one may be too short. */
const SUBSTITUTES: [RegExp, (ports: Ports) => string][] = [
  [/^npm start\b.*$/m, ({ first }) => background(`npm start -- --port ${first}`, ready(first))],
  [/^npm test\b.*$/m, () => 'npm test -- test/architecture.test.ts'],
  // A token may be used within two seconds.
  [/^ALICE=.*$/m, ({ first }) => `$&\nuntil ${models(first, '$ALICE')}; do sleep 0.2; done`],
  [
    /^sleep 3$/m,
    () => 'until [ "$(grep -c bundle_activated .verdict/audit/0000000000000000.log)" = 2 ]; do sleep 0.5; done',
  ],
];

/** Commands of the prose, with something in place of what a reader fills in. */
const IN_PROSE: Record<string, (ports: Ports) => string> = {
  'npm start -- --port 0': () =>
    `${background('npm start -- --port 0 > start.out 2>&1', "grep -q 'listens on http' start.out")}\n${STOP}`,
  'scripts/verdict --help': () => 'scripts/verdict --help | grep -q verify',
  'scripts/verdict token revoke <id>': () =>
    `id=$(scripts/verdict token list --config .verdict/verdict.yaml | grep alice | cut -d' ' -f1)
     scripts/verdict token revoke "$id" --config .verdict/verdict.yaml
     scripts/verdict token list --config .verdict/verdict.yaml | grep alice | grep revoked`,
  'scripts/verdict init <folder>': ({ second }) => `scripts/verdict init own --port ${second}`,
  'scripts/verdict start --config <file>': ({ second }) =>
    `${background('scripts/verdict start --config own/verdict.yaml', ready(second))}\n${STOP}`,
};

interface Ports {
  first: number;
  second: number;
}

/** Starts a gateway, and goes on when `ready` holds, or fails when the gateway has ended. */
function background(command: string, ready: string): string {
  return `${command} &\ngateway=$!\nuntil ${ready}; do kill -0 "$gateway"; sleep 0.2; done`;
}

const models = (port: number, token: string): string =>
  `curl -sf -H "Authorization: Bearer ${token}" http://127.0.0.1:${port}/support/v1/models > /dev/null`;

const ready = (port: number): string => `curl -sf http://127.0.0.1:${port}/readyz`;

function stepsOf(folder: string, ports: Ports): Step[] {
  const steps = runnable.map((block, index) => {
    const text = block.text.replaceAll(README_PORT, `127.0.0.1:${ports.first}`);
    if (block.language === 'sh') {
      const run = SUBSTITUTES.reduce((shell, [line, substitute]) => shell.replace(line, substitute(ports)), text);
      return { name: nameOf(block), text: run };
    }
    const program = join(folder, `readme-${index}.mjs`); // beside node_modules
    writeFileSync(program, text);
    return { name: nameOf(block), text: `'${process.execPath}' '${program}'` };
  });
  // The substitutes name the gateway's process, which goes on until here.
  const stop = { name: 'Ctrl-C', text: STOP };
  const prose = Object.entries(IN_PROSE).map(([name, text]) => ({ name, text: text(ports) }));
  return [...steps, stop, ...prose];
}

let checkout: Checkout;
let done: Map<string, Done>;

beforeAll(async () => {
  checkout = new Checkout();
  const steps = stepsOf(checkout.folder, { first: await freePort(), second: await freePort() });
  done = await runSession(checkout.folder, steps, terminalEnv());
}, 600_000);

afterAll(() => checkout.remove());

const printed = (block: Block | undefined): string => (block && done.get(nameOf(block))?.stdout) ?? '';
const blockWith = (text: string): Block => {
  const found = runnable.find((block) => block.text.includes(text));
  if (!found) throw new Error(`expected a block with ${text}`);
  return found;
};

describe('every block runs', () => {
  test.each([...runnable.map(nameOf), 'Ctrl-C', ...Object.keys(IN_PROSE)])('%s', (name) => {
    const { ok, stdout, stderr } = done.get(name) as Done;
    if (!ok) throw new Error(`${stdout}\n${stderr}`);
  });

  const outputs = page.blocks.filter(({ role }) => role === 'output');
  test.each(outputs.map((block): [string, Block] => [nameOf(block), block]))('and prints %s', (_, block) => {
    const before = page.blocks[page.blocks.indexOf(block) - 1];
    expect(before?.language).toBe('sh');
    const pattern = block.text
      .trim()
      .split('…')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    expect(printed(before).trim()).toMatch(new RegExp(`^${pattern.join('.*')}$`));
  });

  test('the SDKs get an answer, and the denial as their own exception', () => {
    expect(printed(blockWith("'openai'"))).toContain('sandbox');
    expect(printed(blockWith("'@anthropic-ai/sdk'"))).toMatch(/sandbox.*\n.*MODEL_NOT_ALLOWED.*decision/s);
  });

  test('the log verifies, replays and shows the denials', () => {
    const said = printed(blockWith('verdict replay'));
    expect(said).toContain('SIGNED');
    expect(said).toMatch(/replayed: [1-9]\d* match, 0 mismatch, 0 bundle_missing/);
    expect(said).toContain('MODEL_NOT_ALLOWED');
    expect(said).toContain('TEMPERATURE_LIMIT');
  });

  test('an approved call passes once', () => {
    expect(printed(blockWith('verdict approve'))).toMatch(
      /^\{.*APPROVAL_REQUIRED.*\napproved; .*\n\{\}\n\{.*APPROVAL_USED.*\nonce only\n$/s,
    );
  });

  test("the hook is shown as the agent's settings would hold it", () => {
    const settings = JSON.parse(printed(blockWith('hook install')));
    expect(settings.hooks.PreToolUse[0].hooks[0].command).toMatch(/hook claude-code --url .*development-token/);
  });

  test('the gateway is alive and ready, and counts', () => {
    const said = printed(blockWith('/readyz'));
    expect(said).toMatch(/^ok\n\{"ready":true/);
    expect(said).toContain('verdict_decisions_total{');
  });
});

describe('nothing on the page goes unchecked', () => {
  test('there are only blocks of kinds that are checked here', () => {
    const kinds = new Set(page.blocks.map(({ language, role }) => `${language} ${role}`.trim()));
    expect([...kinds].sort()).toEqual(['ini', 'js', 'sh', 'text', 'text output', 'yaml']);
    expect(page.prose.filter((line) => /^( {4}|\t|<(pre|code))/.test(line))).toEqual([]); // Markdown's other blocks
  });

  test('diagrams hold no commands', () => {
    const diagrams = page.blocks.filter(({ language, role }) => language === 'text' && role === '');
    for (const { text } of diagrams) {
      for (const line of text.split('\n'))
        expect(PROGRAMS).not.toContain(line.trim().replace(/^\$ /, '').split(' ')[0]);
    }
  });

  test('each command in the prose is one that ran', () => {
    const shell = page.blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
    const commands = page.spans.filter((span) => PROGRAMS.includes(span.split(' ')[0] ?? ''));
    expect(commands).toEqual(expect.arrayContaining(Object.keys(IN_PROSE)));
    expect(commands.filter((span) => !(span in IN_PROSE) && !shell.some((text) => text.includes(span)))).toEqual([]);
  });

  test('the lines that run otherwise here are there', () => {
    const shell = runnable.map(({ text }) => text).join('');
    expect(SUBSTITUTES.filter(([line]) => !line.test(shell))).toEqual([]);
  });

  test('options, codes and files that it names exist', () => {
    const sources = ['src', 'policies'].flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(ts|md|json|yaml)$/.test(file))
        .map((file) => readFileSync(join(root, file), 'utf8')),
    );
    const known = (text: string): boolean => sources.some((source) => source.includes(text));
    const options = page.spans.filter((span) => span.startsWith('--'));
    expect(options.filter((option) => ![' ', "'"].some((end) => known(`.option('${option}${end}`)))).toEqual([
      '--head',
    ]); // on a line of its own
    expect(known(`'--head <`)).toBe(true);
    expect(page.spans.filter((span) => /^[A-Z]+(_[A-Z]+)+$/.test(span) && !known(span))).toEqual([]);
    const paths = [
      ...page.links.filter((link) => !link.includes('://')),
      ...page.spans.filter((span) => /^(src|policies)\//.test(span)),
    ];
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(path.split('#')[0] ?? ''))).toEqual([]);
  });

  test('its table of exit codes is the one in the program', () => {
    const rows = page.prose.map((line) => /^\| (\d+) +\|/.exec(line)?.[1]).filter((code) => code !== undefined);
    expect(rows.map(Number)).toEqual(Object.values(EXIT));
  });
});

describe('configuration', () => {
  test('each snippet fits into verdict.yaml', async () => {
    const snippets = page.blocks.filter(({ language }) => language === 'yaml');
    const whole = parse(readFileSync(join(checkout.folder, '.verdict', 'verdict.yaml'), 'utf8')) as object;
    const read: Config[] = [];
    for (const [index, { text }] of snippets.entries()) {
      const snippet = parse(text) as object;
      const file = join(checkout.folder, '.verdict', `readme-${index}.yaml`);
      writeFileSync(file, JSON.stringify({ ...whole, ...snippet }));
      read.push(await readConfig(file));
    }
    expect(read).toMatchObject([
      { identity: { oidc: [{ audience: ['verdict'] }] } },
      { mcp_servers: { tickets: {} }, routes: [{ kind: 'mcp', server: 'tickets', policy: 'tickets' }] },
    ]);
  });

  test('certificates with the extensions that it lists are good for their purpose, and for no other', async () => {
    const blocks = page.blocks.filter(({ language }) => language === 'ini');
    const purposes: Purpose[] = ['bundle-signing', 'audit-signing'];
    const folder = join(checkout.folder, 'ca');
    mkdirSync(folder);
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...key,
      '-subj',
      '/CN=Company root',
      '-days',
      '2',
      '-keyout',
      'root.key',
      '-out',
      'root.pem',
    );
    const anchors = Certificate.fromPem(readFileSync(join(folder, 'root.pem'), 'utf8'));
    expect(blocks.length).toBe(purposes.length);
    for (const [index, { text }] of blocks.entries()) {
      writeFileSync(join(folder, 'ext'), text);
      openssl('req', ...key, '-subj', '/CN=Signer', '-keyout', 'signer.key', '-out', 'signer.csr');
      openssl(
        'x509',
        '-req',
        '-in',
        'signer.csr',
        '-CA',
        'root.pem',
        '-CAkey',
        'root.key',
        '-extfile',
        'ext',
        '-days',
        '1',
        '-out',
        'signer.pem',
      );
      const [certificate] = Certificate.fromPem(readFileSync(join(folder, 'signer.pem'), 'utf8'));
      if (!certificate) throw new Error('expected a certificate');
      for (const [other, purpose] of purposes.entries()) {
        const path = validatePath(certificate, { anchors, intermediates: [], time: new Date(), purpose });
        if (other === index) await expect(path).resolves.toBeDefined();
        else await expect(path).rejects.toThrow('extended key usage');
      }
    }
  });
});

describe('the recipes without our code find a change', () => {
  /** Runs a block by itself, with a path in it replaced. */
  const rerun = (block: Block, path: string, by: string): number | null => {
    expect(block.text).toContain(path);
    const script = `set -euo pipefail\n${block.text.replaceAll(path, by)}`;
    return spawnSync('bash', ['-c', script], { cwd: checkout.folder, env: terminalEnv() }).status;
  };

  test('of one byte in a record', () => {
    const block = blockWith('-certfile');
    const log = '.verdict/audit/0000000000000000.log';
    const bytes = readFileSync(join(checkout.folder, log));
    writeFileSync(join(checkout.folder, 'same.log'), bytes);
    expect(rerun(block, log, 'same.log')).toBe(0);
    const at = bytes.indexOf('gpt-5-pro');
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(join(checkout.folder, 'changed.log'), bytes);
    expect(rerun(block, log, 'changed.log')).not.toBe(0);
  });

  test('of a file, or of the list of files, in a bundle', () => {
    const block = blockWith('sha256sum');
    const bundle = '.verdict/bundles/dist/default.tar.gz';
    for (const name of ['data.json', 'SHA256SUMS']) {
      const folder = join(checkout.folder, `changed-${name}`);
      mkdirSync(folder);
      execFileSync('tar', ['-xzf', bundle, '-C', folder], { cwd: checkout.folder });
      cpSync(join(folder, name), join(folder, 'before'));
      writeFileSync(join(folder, name), Buffer.concat([readFileSync(join(folder, 'before')), Buffer.from('\n')]));
      execFileSync('tar', ['-czf', `${folder}.tar.gz`, '-C', folder, '.']);
      expect(rerun(block, bundle, `${folder}.tar.gz`)).not.toBe(0);
    }
    expect(rerun(block, bundle, bundle)).toBe(0);
  });
});
