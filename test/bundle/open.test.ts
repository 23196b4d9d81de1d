import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Header, pack } from 'tar-stream';
import { ARCHIVE_LIMITS, packArchive, unpackArchive } from '../../src/bundle/archive.ts';
import { build, type Files, open, sign } from '../../src/bundle/index.ts';
import {
  Certificate,
  createDevelopmentPki,
  OID_AUDIT_RECORD,
  OID_BUNDLE_SUMS,
  openSigner,
  type Signer,
  signCms,
} from '../../src/pki/index.ts';
import { SUPPORTED_BUILTINS } from '../../src/policy/index.ts';
import { Authority } from './openssl.ts';
import { buildPolicy, changed, NOW, opa, openOptions, outcome, pki, SPEC, signer, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const other = temporaryFolder();
const SIGNATURES = ['SHA256SUMS', 'SHA256SUMS.p7s', '.signatures.json'];
let bundle: Uint8Array;
let contents: Map<string, Uint8Array>;

beforeAll(async () => {
  bundle = readFileSync((await build(SPEC, { opa, signer, outDir: folder })).path);
  contents = new Map([...(await unpackArchive(bundle))].filter(([name]) => !SIGNATURES.includes(name)));
});

/** A bundle that its signer means to be so. */
async function signed(
  changes: Record<string, string | Uint8Array | undefined> = {},
  by: Signer = signer,
): Promise<Uint8Array> {
  const files = new Map(contents);
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes === undefined) files.delete(name);
    else files.set(name, Buffer.from(bytes));
  }
  return (await sign(files, by)).bytes;
}

function manifest(change: (manifest: Manifest) => void): string {
  const value: Manifest = JSON.parse(Buffer.from(contents.get('.manifest') ?? []).toString());
  change(value);
  return JSON.stringify(value);
}
type Manifest = { metadata: Record<string, unknown>; revision?: unknown; roots?: unknown; more?: unknown };

test('a good bundle opens', async () => {
  expect(await outcome(bundle)).toBe('opened');
  expect(await outcome(await signed())).toBe('opened');
});

test('what is opened does not change with the bytes it was opened from', async () => {
  const bytes = Uint8Array.from(bundle);
  const { bytes: kept, digest } = await open(bytes, openOptions());
  bytes.fill(0);
  expect((await open(kept, openOptions())).digest).toBe(digest);
});

describe('the signer', () => {
  const authority = new Authority(temporaryFolder());
  const roots = Certificate.fromPem(authority.certificatePem);
  const time = new Date(Date.now() + 60_000); // their notBefore is now

  test('may be of the company: PEM, PKCS#12, P-256 and RSA', async () => {
    const pem = authority.issue();
    const rsa = authority.issue({ rsa: true });
    const pkcs12 = { pkcs12: authority.pkcs12(rsa, 'secret'), passphrase: 'secret' };
    for (const source of [pem, rsa, pkcs12]) {
      expect(await outcome(await signed({}, openSigner(source)), { anchors: roots, time })).toBe('opened');
    }
  });

  test('must be certified for signing bundles', async () => {
    expect(await outcome(await signed({}, openSigner(pki.audit)))).toBe('BUNDLE_SIGNER_PURPOSE');
    const server = openSigner(authority.issue({ usage: 'serverAuth' }));
    expect(await outcome(await signed({}, server), { anchors: roots, time })).toBe('BUNDLE_SIGNER_PURPOSE');
  });

  test('must come from a root that we trust', async () => {
    expect(await outcome(bundle, { anchors: roots })).toBe('BUNDLE_SIGNER_UNTRUSTED');
    expect(await outcome(bundle, { anchors: [] })).toBe('BUNDLE_SIGNER_UNTRUSTED');
    const namesake = createDevelopmentPki({ now: new Date('2026-11-01T00:00:00Z'), days: 60 });
    expect(await outcome(await signed({}, openSigner(namesake.bundle)))).toMatch(/^BUNDLE_SIGNER_UNTRUSTED$/);
  });

  test('must be valid at the time', async () => {
    expect(await outcome(bundle, { time: new Date('2026-12-31T00:00:01Z') })).toBe('BUNDLE_SIGNER_EXPIRED');
    expect(await outcome(bundle, { time: new Date('2026-10-31T00:00:00Z') })).toBe('BUNDLE_SIGNER_NOT_YET_VALID');
  });

  test('must not be revoked', async () => {
    expect(await outcome(bundle, { revoked: new Set([signer.certificate.sha256]) })).toBe('BUNDLE_SIGNER_REVOKED');
  });
});

describe('the signature', () => {
  test('must be there and be over these sums', async () => {
    expect(await outcome(await changed(bundle, { 'SHA256SUMS.p7s': undefined }))).toBe('BUNDLE_FILE_MISSING');
    expect(await outcome(await changed(bundle, { SHA256SUMS: undefined }))).toBe('BUNDLE_FILE_MISSING');
    expect(await outcome(await changed(bundle, { 'SHA256SUMS.p7s': 'x' }))).toBe('BUNDLE_SIGNATURE_INVALID');
    const other = (await unpackArchive(await signed({ 'data.json': '{}' }))).get('SHA256SUMS');
    expect(await outcome(await changed(bundle, { SHA256SUMS: other ?? '' }))).toBe('BUNDLE_SIGNATURE_INVALID');
  });

  test('must be for a bundle, not for a record of the log', async () => {
    const sums = (await unpackArchive(bundle)).get('SHA256SUMS') ?? Buffer.alloc(0);
    const cms = signCms(signer, sums, { contentType: OID_AUDIT_RECORD, certificates: true });
    expect(await outcome(await changed(bundle, { 'SHA256SUMS.p7s': cms }))).toBe('BUNDLE_SIGNATURE_INVALID');
  });

  test('must be over a list as sha256sum writes it', async () => {
    const sums = Buffer.from((await unpackArchive(bundle)).get('SHA256SUMS') ?? []).toString();
    const [first = '', ...rest] = sums.split(/(?<=\n)/);
    const lists = [
      '',
      sums.slice(0, -1),
      [...rest, first].join(''),
      first + sums,
      sums.replaceAll('\n', '\r\n'),
      sums.replace('  ', ' *'),
      sums.toUpperCase(),
      `${sums}${'0'.repeat(64)}  SHA256SUMS\n`,
    ];
    for (const list of lists) {
      const files = new Map(await unpackArchive(bundle));
      files.set('SHA256SUMS', Buffer.from(list));
      files.set(
        'SHA256SUMS.p7s',
        signCms(signer, Buffer.from(list), { contentType: OID_BUNDLE_SUMS, certificates: true }),
      );
      expect(await outcome(await packArchive(files))).toBe('BUNDLE_SIGNATURE_INVALID');
    }
  });

  test("OPA's must be by the same signer, over the same files", async () => {
    expect(await outcome(await changed(bundle, { '.signatures.json': undefined }))).toBe('BUNDLE_FILE_MISSING');
    const other = new Map(await unpackArchive(await signed({ 'data.json': '{}' })));
    const text = Buffer.from((await unpackArchive(bundle)).get('.signatures.json') ?? []).toString();
    const by = openSigner(createDevelopmentPki({ now: NOW, days: 1 }).bundle);
    const stranger = new Map(await unpackArchive(await signed({}, by))).get('.signatures.json');
    for (const wrong of ['{}', 'x', text.replace('"]', '",""]'), ` ${text}`, other.get('.signatures.json'), stranger]) {
      expect(await outcome(await changed(bundle, { '.signatures.json': wrong ?? '' }))).toBe(
        'BUNDLE_SIGNATURE_INVALID',
      );
    }
  });
});

describe('the files', () => {
  test('must be those that are listed', async () => {
    expect(await outcome(await changed(bundle, { 'data.json': '{}' }))).toBe('BUNDLE_FILE_CHANGED');
    expect(await outcome(await changed(bundle, { 'policy.wasm': undefined }))).toBe('BUNDLE_FILE_MISSING');
    expect(await outcome(await changed(bundle, { 'org/identity/identity.rego': undefined }))).toBe(
      'BUNDLE_FILE_MISSING',
    );
    expect(await outcome(await changed(bundle, { 'org/more/more.rego': 'package org.more\n' }))).toBe(
      'BUNDLE_FILE_EXTRA',
    );
  });

  test('must be complete, even where the signer left one out', async () => {
    for (const name of ['.manifest', 'data.json', 'policy.wasm']) {
      expect(await outcome(await signed({ [name]: undefined }))).toBe('BUNDLE_FILE_MISSING');
    }
  });

  test('must be exact JSON', async () => {
    expect(await outcome(await signed({ 'data.json': '{"a":1,"a":2}' }))).toBe('BUNDLE_DATA_INVALID');
    expect(await outcome(await signed({ 'data.json': 'x' }))).toBe('BUNDLE_DATA_INVALID');
    expect(await outcome(await signed({ '.manifest': 'x' }))).toBe('BUNDLE_MANIFEST_INVALID');
  });

  test.each<[string, (manifest: Manifest) => void]>([
    ['another format', (m) => (m.metadata.format = 2)],
    ['an unknown key', (m) => (m.more = 1)],
    ['unknown metadata', (m) => (m.metadata.more = 1)],
    ['no metadata', (m) => (m.metadata = null as never)],
    ['no sequence', (m) => delete m.metadata.sequence],
    ['a sequence that is no integer', (m) => (m.metadata.sequence = 1.5)],
    ['a sequence in quotes', (m) => (m.metadata.sequence = '1')],
    ['no revision', (m) => delete m.revision],
    ['no roots', (m) => (m.roots = [])],
    ['no entrypoints', (m) => (m.metadata.entrypoints = [])],
    ['an entrypoint that is no text', (m) => (m.metadata.entrypoints = [1])],
    ['a moment in another form', (m) => (m.metadata.not_after = '2027-01-01')],
    ['a moment that is no text', (m) => (m.metadata.not_before = 0)],
  ])('must have a manifest without %s', async (_name, change) => {
    expect(await outcome(await signed({ '.manifest': manifest(change) }))).toBe('BUNDLE_MANIFEST_INVALID');
  });

  test('must have WebAssembly as OPA compiles it', async () => {
    expect(await outcome(await signed({ 'policy.wasm': 'x' }))).toBe('BUNDLE_WASM_INVALID');
    const empty = Buffer.from('0061736d01000000', 'hex');
    expect(await outcome(await signed({ 'policy.wasm': empty }))).toBe('BUNDLE_WASM_INVALID');
    const fewer = manifest((m) => (m.metadata.entrypoints = ['verdict/request']));
    expect(await outcome(await signed({ '.manifest': fewer }))).toBe('BUNDLE_WASM_INVALID');
  });
});

test('builtins that the engine lacks are refused', async () => {
  const bytes = await buildPolicy(other, 'r := sprintf("%d", [input.n])', 'x.r == "1" with input.n as 1');
  expect(await outcome(bytes, { builtins: new Set() })).toBe('BUNDLE_BUILTIN_MISSING');
  expect(await outcome(bytes, { builtins: SUPPORTED_BUILTINS })).toBe('opened');
});

describe('the moment', () => {
  const brief = new Authority(temporaryFolder(), { days: 30 });

  test('a lower sequence is refused, unless it is wanted', async () => {
    expect(await outcome(bundle, { lastSequence: 1 })).toBe('opened');
    expect(await outcome(bundle, { lastSequence: 2 })).toBe('BUNDLE_ROLLBACK');
    expect(await outcome(bundle, { lastSequence: 2, allowRollback: false })).toBe('BUNDLE_ROLLBACK');
    expect(await outcome(bundle, { lastSequence: 2, allowRollback: true })).toBe('opened');
  });

  test('a bundle decides only in its window', async () => {
    const window = manifest((m) =>
      Object.assign(m.metadata, { not_before: '2026-11-24T00:00:00.000Z', not_after: '2026-11-25T00:00:00.000Z' }),
    );
    const bytes = await signed({ '.manifest': window });
    const at = (time: string): Promise<string> => outcome(bytes, { time: new Date(time) });
    expect(await at('2026-11-23T23:59:59.999Z')).toBe('BUNDLE_NOT_YET_VALID');
    expect(await at('2026-11-24T00:00:00.000Z')).toBe('opened');
    expect(await at('2026-11-25T00:00:00.000Z')).toBe('opened');
    expect(await at('2026-11-25T00:00:00.001Z')).toBe('BUNDLE_EXPIRED');
  });

  const own = { from: signer.certificate.notBefore.toISOString(), until: signer.certificate.notAfter.toISOString() };
  test.each([
    ['states none', {}, own.from, own.until],
    [
      'states a narrower one',
      { not_before: '2026-11-24T00:00:00.000Z', not_after: '2026-11-25T00:00:00.000Z' },
      '2026-11-24T00:00:00.000Z',
      '2026-11-25T00:00:00.000Z',
    ],
    [
      'states a wider one',
      { not_before: '2020-01-01T00:00:00.000Z', not_after: '2030-01-01T00:00:00.000Z' },
      own.from,
      own.until,
    ],
    ['states its start', { not_before: '2026-11-24T00:00:00.000Z' }, '2026-11-24T00:00:00.000Z', own.until],
    ['states its end', { not_after: '2026-11-25T00:00:00.000Z' }, own.from, '2026-11-25T00:00:00.000Z'],
  ])('and only while the path of its signer holds, where the manifest %s', async (_what, metadata, from, until) => {
    const bytes = await signed({ '.manifest': manifest((m) => Object.assign(m.metadata, metadata)) });
    const { notBefore, notAfter, manifest: stated } = await open(bytes, openOptions());
    expect([notBefore.toISOString(), notAfter.toISOString()]).toEqual([from, until]);
    const { not_before, not_after } = metadata as Record<string, string>;
    expect([stated.notBefore?.toISOString(), stated.notAfter?.toISOString()]).toEqual([not_before, not_after]);
  });

  test('the whole path counts: a root that ends before the certificate ends the bundle', async () => {
    const by = openSigner(brief.issue());
    const root = Certificate.fromPem(brief.certificatePem);
    const time = new Date(Date.now() + 60_000);
    const { notAfter } = await open(await signed({}, by), openOptions({ anchors: root, time }));
    expect(notAfter).toEqual(root[0]?.notAfter);
    expect(notAfter < by.certificate.notAfter).toBe(true);
  });
});

describe('the archive', () => {
  type Entry = Partial<Header> & { name: string; text?: string };

  /** A tar.gz with entries of any kind before the files of the good bundle. */
  async function archive(entries: Entry[], files: Files = new Map()): Promise<Uint8Array> {
    const tar = pack();
    for (const { text = '', ...header } of entries) {
      if ((header.type ?? 'file') === 'file') tar.entry(header, text);
      else tar.entry(header);
    }
    for (const [name, bytes] of files) tar.entry({ name }, Buffer.from(bytes));
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    return gzipSync(Buffer.concat(chunks));
  }

  test.each([
    '../x.rego',
    '/x.rego',
    'a/../../x.rego',
    './x.rego',
    'a//x.rego',
    'a\\x.rego',
    'é.rego',
    'x.rego/',
    'a b.rego',
    '.x.rego',
    'x.sh',
    'a/data.json',
    `${'a'.repeat(96)}.rego`,
    'policy.wasm/x',
  ])('may not name a file %j', async (name) => {
    expect(await outcome(await archive([{ name, text: 'x' }], await unpackArchive(bundle)))).toMatch(
      /^BUNDLE_FILE_(NAME|TYPE)$/,
    );
  });

  test.each<[string, Entry]>([
    ['a symbolic link', { name: 'x.rego', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: 'x.rego', type: 'link', linkname: 'data.json' }],
    ['a folder', { name: 'x.rego', type: 'directory' }],
    ['a device', { name: 'x.rego', type: 'character-device', devmajor: 1, devminor: 3 }],
    ['a pipe', { name: 'x.rego', type: 'fifo' }],
  ])('may not hold %s', async (_name, entry) => {
    expect(await outcome(await archive([entry], await unpackArchive(bundle)))).toBe('BUNDLE_FILE_TYPE');
  });

  test('may name a file only once, whatever its case', async () => {
    const files = await unpackArchive(bundle);
    expect(await outcome(await archive([{ name: 'data.json', text: '{}' }], files))).toBe('BUNDLE_FILE_DUPLICATE');
    expect(await outcome(await archive([{ name: 'ORG/identity/identity.rego', text: '{}' }], files))).toBe(
      'BUNDLE_FILE_DUPLICATE',
    );
  });

  test('may not hold extension headers', async () => {
    const entries = [{ name: 'x.rego', text: 'x', pax: { comment: 'x' } }];
    expect(await outcome(await archive(entries, await unpackArchive(bundle)))).toBe('BUNDLE_ARCHIVE_INVALID');
  });

  test('may not hide anything behind its end', async () => {
    const tar = gunzipSync(bundle);
    const more = gunzipSync(await archive([{ name: 'x.rego', text: 'x' }]));
    expect(await outcome(gzipSync(Buffer.concat([tar, more])))).toBe('BUNDLE_ARCHIVE_INVALID');
    expect(await outcome(gzipSync(Buffer.concat([tar, Buffer.from('x')])))).toBe('BUNDLE_ARCHIVE_INVALID');
    expect(await outcome(Buffer.concat([bundle, Buffer.from('more')]))).toBe('BUNDLE_ARCHIVE_INVALID');
    expect(await outcome(gzipSync(Buffer.concat([tar, Buffer.alloc(10_240)])))).toBe('opened');
  });

  test('must be whole', async () => {
    const tar = gunzipSync(bundle);
    for (const length of [0, 1, 511, 512, 100_000, tar.length - 1024, tar.length - 1]) {
      expect(await outcome(gzipSync(tar.subarray(0, length)))).toBe('BUNDLE_ARCHIVE_INVALID');
    }
    for (const length of [0, 1, 10, 1000, bundle.length - 8, bundle.length - 1]) {
      expect(await outcome(bundle.subarray(0, length))).toBe('BUNDLE_ARCHIVE_INVALID');
    }
    expect(await outcome(Buffer.from('no archive at all'))).toBe('BUNDLE_ARCHIVE_INVALID');
  });

  test('may not be too large, packed or unpacked, or hold too many files', async () => {
    expect(await outcome(Buffer.alloc(ARCHIVE_LIMITS.packedBytes + 1))).toBe('BUNDLE_TOO_LARGE');
    const bomb = gzipSync(Buffer.alloc(ARCHIVE_LIMITS.unpackedBytes + 1));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await outcome(bomb)).toBe('BUNDLE_TOO_LARGE');
    const names = Array.from({ length: ARCHIVE_LIMITS.files + 1 }, (_, index) => ({ name: `x${index}.rego` }));
    expect(await outcome(await archive(names))).toBe('BUNDLE_TOO_LARGE');
  });
});

test('every one-byte flip is refused for itself, or changes no file', async () => {
  // Without code worth the name a bundle is small enough for every byte to have its turn, and is refused only at the
  // last step, once all signatures and digests held.
  const less = [...contents.keys()].filter((name) => name !== '.manifest').map((name) => [name, undefined]);
  const rest = { 'data.json': '{}', 'policy.wasm': 'x', 'verdict/verdict.rego': 'package verdict\n' };
  const small = await signed({ ...Object.fromEntries(less), ...rest });
  expect(await outcome(small)).toBe('BUNDLE_WASM_INVALID');
  const tar = gunzipSync(small);
  const files = [...(await unpackArchive(small))];
  let same = 0;
  for (let at = 0; at < tar.length; at++) {
    tar[at] = (tar[at] ?? 0) ^ 1;
    const flipped = gzipSync(tar, { level: 0 });
    tar[at] = (tar[at] ?? 0) ^ 1;
    if ((await outcome(flipped)) !== 'BUNDLE_WASM_INVALID') continue;
    expect([...(await unpackArchive(flipped))]).toEqual(files);
    same++;
  }
  // What ends the octal numbers of a tar header may be one or another character.
  expect(same).toBeLessThan(8 * files.length);
}, 180_000);
