import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { packArchive } from '../../src/bundle/archive.ts';
import { canonicalJson } from '../../src/bundle/canonical.ts';
import { build, OPA_VERSION, open } from '../../src/bundle/index.ts';
import { signForOpa } from '../../src/bundle/opa-signature.ts';
import { openSigner } from '../../src/pki/index.ts';
import { Authority } from './openssl.ts';
import { anchors, changed, opa, openOptions, pki, SPEC, signer, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const keyFile = join(folder, 'public.pem');
const input = readFileSync('policies/inputs/deny/support-model-openai.json', 'utf8');
let bundle: Uint8Array;

beforeAll(async () => {
  writeFileSync(keyFile, signer.certificate.publicKey.export({ type: 'spki', format: 'pem' }));
  bundle = readFileSync((await build(SPEC, { opa, signer, outDir: folder })).path);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs OPA as a server with a bundle; what it decides, or why it did not start. */
async function decideByOpa(bytes: Uint8Array, { key = keyFile, algorithm = 'ES256' } = {}): Promise<string> {
  const file = join(folder, 'run.tar.gz');
  writeFileSync(file, bytes);
  const address = `127.0.0.1:${await freePort()}`;
  const server = spawn(opa, [
    'run',
    '--server',
    '--addr',
    address,
    '-b',
    file,
    '--verification-key',
    key,
    '--signing-alg',
    algorithm,
  ]);
  let output = '';
  server.stdout.on('data', (chunk) => (output += chunk));
  server.stderr.on('data', (chunk) => (output += chunk));
  let ended = false;
  const exit = new Promise((done) => server.once('exit', done)).then(() => (ended = true));
  try {
    for (let attempt = 0; attempt < 200 && !ended; attempt++) {
      const response = await fetch(`http://${address}/v1/data/verdict/request`, {
        method: 'POST',
        body: `{"input":${input}}`,
      }).catch(() => undefined);
      if (response) return await response.text();
      await sleep(50);
    }
    return output;
  } finally {
    server.kill();
    await exit;
  }
}

describe('the pinned OPA', () => {
  test('is the one that scripts/opa/go.mod pins', () => {
    expect(readFileSync('scripts/opa/go.mod', 'utf8')).toContain(`github.com/open-policy-agent/opa v${OPA_VERSION} `);
    expect(execFileSync(opa, ['version'], { encoding: 'utf8' })).toContain(`Version: ${OPA_VERSION}\n`);
  });

  test('loads the signed bundle with a verification key, and decides', async () => {
    const { result } = JSON.parse(await decideByOpa(bundle));
    expect(result).toMatchObject({ effect: 'deny', reasons: [{ code: 'MODEL_NOT_ALLOWED' }] });
  });

  test('loads a bundle that an RSA key signed', async () => {
    const authority = new Authority(folder);
    const rsa = openSigner(authority.issue({ rsa: true }));
    const { path } = await build(SPEC, { opa, signer: rsa, outDir: join(folder, 'rsa') });
    const key = join(folder, 'rsa.pem');
    writeFileSync(key, rsa.certificate.publicKey.export({ type: 'spki', format: 'pem' }));
    const { result } = JSON.parse(await decideByOpa(readFileSync(path), { key, algorithm: 'RS256' }));
    expect(result.effect).toBe('deny');
  });

  test.each([
    ['.manifest', '{"metadata":{},"revision":"other","roots":["verdict","org","routes"]}'],
    ['data.json', '{"org":{},"routes":{}}'],
    ['org/identity/identity.rego', 'package org.identity\n\ndeny := set()\n'],
    ['policy.wasm', 'x'],
    ['SHA256SUMS', 'x'],
    ['SHA256SUMS.p7s', 'x'],
  ])('refuses a changed %s', async (name, contents) => {
    expect(await decideByOpa(await changed(bundle, { [name]: contents }))).toContain('digest mismatch');
  });

  test('refuses one more file and one file less', async () => {
    const more = await changed(bundle, { 'org/more.rego': 'package org.more\n' });
    expect(await decideByOpa(more)).toContain('not included in bundle signature');
    const less = await changed(bundle, { 'org/identity/identity.rego': undefined });
    expect(await decideByOpa(less)).toContain('org/identity/identity.rego');
  });

  test('refuses another key', async () => {
    const key = join(folder, 'other.pem');
    const other = openSigner(pki.audit);
    writeFileSync(key, other.certificate.publicKey.export({ type: 'spki', format: 'pem' }));
    expect(await decideByOpa(bundle, { key })).toContain('failed to verify JWT signature');
  });

  test('hashes structured files as we do, whatever is in them', async () => {
    const nasty = {
      '\u00e9<>&': 'a\u2028b\u2029 \b\f\n\r\t\u0000\u001f\u007f "\\/ \ud83d\ude00',
      numbers: [0, -1, 1.5, 1e21, 1e-7, 9007199254740991, 1e300],
      '\uffff': null,
      '\ud83d\ude00': [true, false, [], {}],
      b: { z: 1, a: { y: '', B: '' } },
    };
    const files = new Map<string, Uint8Array>([
      ['data.json', Buffer.from(canonicalJson({ x: nasty }))],
      ['.manifest', Buffer.from('{"revision":"\u2028<é>","roots":["verdict","x"]}')],
      ['verdict/request.rego', Buffer.from('package verdict\n\nrequest := data.x\n')],
    ]);
    files.set(
      '.manifest',
      Buffer.from(canonicalJson(JSON.parse(Buffer.from(files.get('.manifest') ?? []).toString()))),
    );
    files.set('.signatures.json', await signForOpa(files, signer));
    expect(JSON.parse(await decideByOpa(await packArchive(files)))).toEqual({ result: nasty });
  });
});

describe('plain tools', () => {
  test('sha256sum and OpenSSL check a bundle', async () => {
    const unpacked = join(folder, 'plain');
    mkdirSync(unpacked);
    writeFileSync(join(unpacked, '../plain.tar.gz'), bundle);
    writeFileSync(join(folder, 'root.pem'), pki.root.certificatePem);
    const run = (program: string, ...args: string[]): string =>
      execFileSync(program, args, { cwd: unpacked, encoding: 'utf8', stdio: 'pipe' });
    run('tar', 'xzf', '../plain.tar.gz');
    run('sha256sum', '--strict', '-c', 'SHA256SUMS');
    const verify =
      'cms -verify -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -CAfile ../root.pem -purpose any -out ../sums';
    run('openssl', ...verify.split(' '), '-attime', '1795500000');
    const { digest } = await open(bundle, openOptions({ anchors }));
    expect(run('sha256sum', 'SHA256SUMS')).toBe(`${digest}  SHA256SUMS\n`);
    const listed = run(
      'bash',
      '-c',
      "find . -type f ! -name 'SHA256SUMS*' ! -name .signatures.json | cut -c3- | LC_ALL=C sort | xargs sha256sum",
    );
    expect(listed).toBe(readFileSync(join(unpacked, 'SHA256SUMS'), 'utf8'));
  });
});
