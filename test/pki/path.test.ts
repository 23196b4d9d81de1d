import { afterAll, describe, expect, test } from '@jest/globals';
import { Certificate, PkiError, type Purpose, validatePath } from '../../src/pki/index.ts';
import { checkOpinion } from '../../src/pki/opinion.ts';
import { AUDIT, BUNDLE, DIGITAL_SIGNATURE, type Issued, OpenSsl, type Request, ROOT } from './openssl.ts';

const openssl = new OpenSsl();
afterAll(() => openssl.close());

const AT = '2026-06-01T00:00:00Z';
const NO_KEY_IDS = ['subjectKeyIdentifier = none', 'authorityKeyIdentifier = none'];
const ca = (...more: string[]): string[] => [...ROOT, ...more];
const caOfLength = (n: number): string[] => [`basicConstraints = critical,CA:TRUE,pathlen:${n}`, ROOT[1] ?? ''];
const issue = (subject: string, extensions: string[], issuer?: Issued, more: Partial<Request> = {}): Issued =>
  openssl.issue({ subject: `/O=Acme${subject}`, extensions, ...(issuer && { issuer }), ...more });

interface Case {
  leaf: Issued;
  cas: Issued[];
  anchors: Issued[];
  at?: string;
  purpose?: Purpose;
  revoked?: Issued;
}

/** Our verdict; and OpenSSL's, where it is more lenient than ours. */
type Row = [what: string, ours: string, openssl: 'accepts' | 'refuses', make: () => Case];

const root = issue('/CN=Root', ca());
const sub = issue('/CN=Sub', ca(), root);
const leafOf = (issuer: Issued, more: Partial<Request> = {}): Issued => issue('/CN=Signer', AUDIT, issuer, more);
const leaf = leafOf(sub);
const direct = leafOf(root);
const under = (extensions: string[], more: Partial<Request> = {}, subject = '/CN=Signer'): Case => ({
  leaf: issue(subject, extensions, sub, more),
  cas: [sub],
  anchors: [root],
});
/** root → a CA with these extensions → signer */
const through = (extensions: string[], more: Partial<Request> = {}, signer: string[] = AUDIT): Case => {
  const middle = issue('/CN=Middle', extensions, root, more);
  return { leaf: issue('/CN=Signer', signer, middle), cas: [middle], anchors: [root] };
};
const without = (list: string[], start: string): string[] => list.filter((line) => !line.startsWith(start));

const GOOD: Row[] = [
  ['issued by the root', 'valid', 'accepts', () => ({ leaf: direct, cas: [], anchors: [root] })],
  ['one intermediate', 'valid', 'accepts', () => ({ leaf, cas: [sub], anchors: [root] })],
  [
    'the root among the intermediates, and strangers',
    'valid',
    'accepts',
    () => ({ leaf, cas: [direct, root, sub, leaf], anchors: [issue('/CN=Other', ca()), root] }),
  ],
  ['for bundle signing', 'valid', 'accepts', () => ({ ...under(BUNDLE), purpose: 'bundle-signing' })],
  [
    'two intermediates under a path length of 2',
    'valid',
    'accepts',
    () => {
      const top = issue('/CN=Top', caOfLength(2));
      const one = issue('/CN=One', ca(), top);
      const two = issue('/CN=Two', caOfLength(0), one);
      return { leaf: leafOf(two), cas: [two, one], anchors: [top] };
    },
  ],
  [
    'RSA root with SHA-512, P-384 intermediate, RSA signer under SHA-384',
    'valid',
    'accepts',
    () => {
      const top = issue('/CN=Top', ca(), undefined, { kind: 'RSA-3072' });
      const middle = issue('/CN=Middle', ca(), top, { kind: 'P-384', digest: 'sha512' });
      return { leaf: leafOf(middle, { kind: 'RSA-2048', digest: 'sha384' }), cas: [middle], anchors: [top] };
    },
  ],
  [
    'a root without key usage',
    'valid',
    'accepts',
    () => {
      const top = issue('/CN=Top', ['basicConstraints = CA:TRUE']);
      return { leaf: leafOf(top), cas: [], anchors: [top] };
    },
  ],
  [
    'an expired intermediate beside its renewal',
    'valid',
    'accepts',
    () => {
      const old = issue('/CN=Sub', ca(), root, { keyOf: sub, to: '20260101000000Z' });
      return { leaf, cas: [old, sub], anchors: [root] };
    },
  ],
  [
    'another key of the same name beside the right one',
    'valid',
    'accepts',
    () => {
      const wrong = issue('/CN=Sub', ca(), root);
      return { leaf, cas: [wrong, sub], anchors: [root] };
    },
  ],
  [
    'an intermediate certified by two roots, one of them trusted',
    'valid',
    'accepts',
    () => {
      const other = issue('/CN=Other', ca());
      const cross = issue('/CN=Sub', ca(), other, { keyOf: sub });
      return { leaf, cas: [cross, sub], anchors: [other] };
    },
  ],
  [
    'a root that certified its next key, which its path length of 0 does not count',
    'valid',
    'accepts',
    () => {
      const old = issue('/CN=Rolling', caOfLength(0));
      const next = issue('/CN=Rolling', caOfLength(0), old);
      return { leaf: leafOf(next), cas: [next], anchors: [old] };
    },
  ],
  [
    'critical certificate policies',
    'valid',
    'accepts',
    () => through(ca('certificatePolicies = critical,1.2.3.4'), {}, [...AUDIT, 'certificatePolicies = 1.2.3.4']),
  ],
  [
    'an intermediate restricted to this purpose',
    'valid',
    'accepts',
    () => through(ca('extendedKeyUsage = 1.3.6.1.5.5.7.3.36')),
  ],
];

const BAD: Row[] = [
  ['no anchor', 'PKI_PATH_UNTRUSTED', 'refuses', () => ({ leaf, cas: [sub], anchors: [issue('/CN=Else', ca())] })],
  ['an intermediate is missing', 'PKI_PATH_UNTRUSTED', 'refuses', () => ({ leaf, cas: [], anchors: [root] })],
  [
    'an anchor of the same name with another key',
    'PKI_PATH_UNTRUSTED',
    'refuses',
    () => ({ leaf, cas: [sub], anchors: [issue('/CN=Root', ca())] }),
  ],
  [
    'an issuer of the same name with another key, and no key identifiers',
    'PKI_PATH_SIGNATURE_INVALID',
    'refuses',
    () => {
      const right = issue('/CN=Twin', ca(...NO_KEY_IDS), root);
      const wrong = issue('/CN=Twin', ca(...NO_KEY_IDS), root);
      return { leaf: issue('/CN=Signer', [...AUDIT, ...NO_KEY_IDS], right), cas: [wrong], anchors: [root] };
    },
  ],
  ['an expired signer', 'PKI_PATH_EXPIRED', 'refuses', () => under(AUDIT, { to: '20260531235958Z' })],
  ['an expired intermediate', 'PKI_PATH_EXPIRED', 'refuses', () => through(ca(), { to: '20260531235958Z' })],
  [
    'an expired root',
    'PKI_PATH_EXPIRED',
    'refuses',
    () => {
      const top = issue('/CN=Top', ca(), undefined, { to: '20260531235958Z' });
      return { leaf: leafOf(top), cas: [], anchors: [top] };
    },
  ],
  ['a signer from tomorrow', 'PKI_PATH_NOT_YET_VALID', 'refuses', () => under(AUDIT, { from: '20260601000001Z' })],
  [
    'an intermediate from tomorrow',
    'PKI_PATH_NOT_YET_VALID',
    'refuses',
    () => through(ca(), { from: '20260601000001Z' }),
  ],
  ['an issuer that is no CA', 'PKI_PATH_NOT_A_CA', 'refuses', () => through(AUDIT)],
  ['an issuer without basic constraints', 'PKI_PATH_NOT_A_CA', 'refuses', () => through(['keyUsage = keyCertSign'])],
  [
    'an issuer that is no CA but may sign certificates',
    'PKI_PATH_NOT_A_CA',
    'refuses',
    () => through(['basicConstraints = critical,CA:FALSE', 'keyUsage = keyCertSign']),
  ],
  [
    'a CA that may not sign certificates',
    'PKI_PATH_NOT_A_CA',
    'refuses',
    () => through(['basicConstraints = critical,CA:TRUE', 'keyUsage = cRLSign,digitalSignature']),
  ],
  ['an intermediate without key usage', 'PKI_PATH_NOT_A_CA', 'accepts', () => through(['basicConstraints = CA:TRUE'])],
  [
    'one intermediate under a path length of 0',
    'PKI_PATH_LENGTH',
    'refuses',
    () => {
      const top = issue('/CN=Top', caOfLength(0));
      const middle = issue('/CN=Middle', ca(), top);
      return { leaf: leafOf(middle), cas: [middle], anchors: [top] };
    },
  ],
  [
    'an intermediate that goes past the path length of the one above it',
    'PKI_PATH_LENGTH',
    'refuses',
    () => {
      const one = issue('/CN=One', caOfLength(0), root);
      const two = issue('/CN=Two', caOfLength(5), one);
      return { leaf: leafOf(two), cas: [two, one], anchors: [root] };
    },
  ],
  ['a signer for another purpose', 'PKI_PATH_PURPOSE', 'accepts', () => under(BUNDLE)],
  [
    'an audit signer for bundles',
    'PKI_PATH_PURPOSE',
    'accepts',
    () => ({ leaf, cas: [sub], anchors: [root], purpose: 'bundle-signing' }),
  ],
  [
    'a signer for any purpose',
    'PKI_PATH_PURPOSE',
    'accepts',
    () => under([...AUDIT.slice(0, 2), 'extendedKeyUsage = anyExtendedKeyUsage']),
  ],
  ['a signer without extended key usage', 'PKI_PATH_PURPOSE', 'accepts', () => under(AUDIT.slice(0, 2))],
  ['a signer without key usage', 'PKI_PATH_PURPOSE', 'accepts', () => under(without(AUDIT, 'keyUsage'))],
  [
    'a signer that may not sign',
    'PKI_PATH_PURPOSE',
    'accepts',
    () => under([...without(AUDIT, 'keyUsage'), 'keyUsage = critical,keyEncipherment']),
  ],
  [
    'a signer that is a CA',
    'PKI_PATH_PURPOSE',
    'accepts',
    () => under(['basicConstraints = critical,CA:TRUE', DIGITAL_SIGNATURE, AUDIT[2] ?? '']),
  ],
  [
    'a signer that may sign certificates',
    'PKI_PATH_PURPOSE',
    'accepts',
    () => under([...without(AUDIT, 'keyUsage'), 'keyUsage = digitalSignature,keyCertSign']),
  ],
  [
    'an intermediate for another purpose',
    'PKI_PATH_PURPOSE',
    'accepts',
    () => through(ca('extendedKeyUsage = codeSigning')),
  ],
  ['a link signed with SHA-1', 'PKI_PATH_ALGORITHM', 'accepts', () => under(AUDIT, { digest: 'sha1' })],
  ['an intermediate with RSA 1024', 'PKI_PATH_ALGORITHM', 'accepts', () => through(ca(), { kind: 'RSA-1024' })],
  ['an intermediate with P-521', 'PKI_PATH_ALGORITHM', 'accepts', () => through(ca(), { kind: 'P-521' })],
  ['a signer with RSA 1024', 'PKI_PATH_ALGORITHM', 'accepts', () => under(AUDIT, { kind: 'RSA-1024' })],
  [
    'an unknown critical extension in the signer',
    'PKI_PATH_EXTENSION',
    'refuses',
    () => under([...AUDIT, '1.2.3.4 = critical,DER:0500']),
  ],
  [
    'an unknown critical extension in an intermediate',
    'PKI_PATH_EXTENSION',
    'refuses',
    () => through(ca('1.2.3.4 = critical,DER:0500')),
  ],
  [
    'policy constraints, which are critical',
    'PKI_PATH_EXTENSION',
    'accepts',
    () => through(ca('policyConstraints = critical,requireExplicitPolicy:0')),
  ],
  [
    'basic constraints that hold more than they may',
    'PKI_PATH_EXTENSION',
    'accepts',
    () => through(['basicConstraints = critical,DER:30060101ff02010000', ROOT[1] ?? '']),
  ],
  ['a revoked signer', 'PKI_PATH_REVOKED', 'accepts', () => ({ leaf, cas: [sub], anchors: [root], revoked: leaf })],
  [
    'a revoked intermediate',
    'PKI_PATH_REVOKED',
    'accepts',
    () => ({ leaf, cas: [sub], anchors: [root], revoked: sub }),
  ],
  ['a revoked root', 'PKI_PATH_REVOKED', 'accepts', () => ({ leaf, cas: [sub], anchors: [root], revoked: root })],
  ['the root as signer', 'PKI_PATH_UNTRUSTED', 'accepts', () => ({ leaf: root, cas: [], anchors: [root] })],
];

const constrained = (constraints: string, names: string[], subject = '/CN=Signer'): Case => {
  const lines = ['nameConstraints = critical,@constraints', ...names, '[constraints]', ...constraints.split(' ')];
  const [own, ...rest] = [lines[0] ?? '', ...lines.slice(1 + names.length)];
  const middle = issue('/CN=Middle', ca(own, ...rest, ...DIRECTORIES), root);
  return { leaf: issue(subject, [...AUDIT, ...names], middle), cas: [middle], anchors: [root] };
};
const DIRECTORIES = ['[acme]', 'O=ACME', '[other]', 'O=Other', '[signer]', 'O=Acme', 'CN=signer'];
const san = (name: string): string[] => [`subjectAltName = ${name}`];
const BARRED = 'PKI_PATH_NAME_CONSTRAINTS';

const NAMES: Row[] = [
  ['a permitted directory name, in other case', 'valid', 'accepts', () => constrained('permitted;dirName=acme', [])],
  ['another directory name', BARRED, 'refuses', () => constrained('permitted;dirName=other', [])],
  ['an excluded directory name, in other case', BARRED, 'refuses', () => constrained('excluded;dirName=signer', [])],
  ['an excluded directory name elsewhere', 'valid', 'accepts', () => constrained('excluded;dirName=other', [])],
  ['a permitted host', 'valid', 'accepts', () => constrained('permitted;DNS=a.org', san('DNS:x.A.org'))],
  ['another host', BARRED, 'refuses', () => constrained('permitted;DNS=a.org', san('DNS:xa.org'))],
  ['an excluded host', BARRED, 'refuses', () => constrained('excluded;DNS=a.org', san('DNS:a.org'))],
  ['one of two hosts', BARRED, 'refuses', () => constrained('permitted;DNS=a.org', san('DNS:a.org,DNS:b.org'))],
  ['hosts that nobody has', 'valid', 'accepts', () => constrained('permitted;DNS=a.org', [])],
  ['a permitted mailbox host', 'valid', 'accepts', () => constrained('permitted;email=a.org', san('email:x@a.org'))],
  ['a mailbox on a host below', BARRED, 'refuses', () => constrained('permitted;email=a.org', san('email:x@b.a.org'))],
  ['an excluded mailbox', BARRED, 'refuses', () => constrained('excluded;email=x@a.org', san('email:x@a.org'))],
  [
    'an excluded mailbox in the subject',
    BARRED,
    'refuses',
    () => constrained('excluded;email=a.org', [], '/CN=Signer/emailAddress=x@a.org'),
  ],
  ['a permitted URI', 'valid', 'accepts', () => constrained('permitted;URI=.a.org', san('URI:https://x.a.org:8/y'))],
  ['another URI', BARRED, 'refuses', () => constrained('permitted;URI=.a.org', san('URI:https://a.org/y'))],
  ['a URI without a host', BARRED, 'refuses', () => constrained('permitted;URI=.a.org', san('URI:urn:x:y'))],
  [
    'a permitted address',
    'valid',
    'accepts',
    () => constrained('permitted;IP=10.1.0.0/255.255.0.0', san('IP:10.1.2.3')),
  ],
  ['another address', BARRED, 'refuses', () => constrained('permitted;IP=10.1.0.0/255.255.0.0', san('IP:10.2.2.3'))],
  [
    'an address of the other family',
    BARRED,
    'refuses',
    () => constrained('permitted;IP=10.1.0.0/255.255.0.0', san('IP:::1')),
  ],
  [
    'what a second CA grants beyond the first',
    BARRED,
    'refuses',
    () => {
      const one = issue('/CN=One', ca('nameConstraints = critical,permitted;DNS:a.org'), root);
      const two = issue('/CN=Two', ca('nameConstraints = critical,permitted;DNS:b.org'), one);
      return { leaf: issue('/CN=Signer', [...AUDIT, ...san('DNS:b.org')], two), cas: [two, one], anchors: [root] };
    },
  ],
  [
    'constraints on a form of name that is not understood',
    BARRED,
    'accepts',
    () => through(ca('nameConstraints = critical,permitted;RID:1.2.3')),
  ],
  [
    'constraints in a signer',
    BARRED,
    'accepts',
    () => under([...AUDIT, 'nameConstraints = critical,permitted;DNS:a.org']),
  ],
];

const parse = (issued: Issued): Certificate => Certificate.fromPem(issued.certificate)[0] as Certificate;

async function ours({ leaf, cas, anchors, at = AT, purpose = 'audit-signing', revoked }: Case): Promise<string> {
  const options = { intermediates: cas.map(parse), anchors: anchors.map(parse), time: new Date(at), purpose };
  try {
    await validatePath(parse(leaf), { ...options, revoked: new Set(revoked && [parse(revoked).sha256]) });
    return 'valid';
  } catch (error) {
    if (error instanceof PkiError) return error.code;
    throw error;
  }
}

function theirs({ leaf, cas, anchors, at = AT }: Case): 'accepts' | 'refuses' {
  const file = (name: string, list: Issued[]): string =>
    openssl.write(name, list.map((one) => one.certificate).join(''));
  const untrusted = cas.length > 0 ? ['-untrusted', file('untrusted.pem', cas)] : [];
  const trusted = ['-no-CApath', '-no-CAstore', '-CAfile', file('anchors.pem', anchors)];
  const time = ['-attime', String(Date.parse(at) / 1000)];
  return openssl.try('verify', ...time, ...trusted, ...untrusted, leaf.certificateFile).ok ? 'accepts' : 'refuses';
}

describe.each([
  ['a path that holds', GOOD],
  ['a path that does not hold', BAD],
  ['name constraints', NAMES],
])('%s', (_, rows) => {
  test.each(rows)('%s: %s, and OpenSSL %s', async (_what, verdict, opensslVerdict, make) => {
    const example = make();
    expect(await ours(example)).toBe(verdict);
    expect(theirs(example)).toBe(opensslVerdict);
  });
});

test('every way up is tried, where OpenSSL goes one', async () => {
  const other = issue('/CN=Other', ca());
  const cross = issue('/CN=Sub', ca(), other, { keyOf: sub });
  expect(await ours({ leaf, cas: [sub, cross], anchors: [other] })).toBe('valid');
});

test('a path that could be built says more than a link that could not', async () => {
  const twin = issue('/CN=Twin', ca(...NO_KEY_IDS), root, { to: '20260101000000Z' });
  const wrong = issue('/CN=Twin', ca(...NO_KEY_IDS), root);
  const signer = issue('/CN=Signer', [...AUDIT, ...NO_KEY_IDS], twin);
  expect(await ours({ leaf: signer, cas: [wrong, twin], anchors: [root] })).toBe('PKI_PATH_EXPIRED');
});

describe('the window', () => {
  const short = issue('/CN=Short', ca(), root, { from: '20260101000000Z', to: '20260701000000Z' });
  const signer = parse(leafOf(short));
  const at = (time: string) =>
    validatePath(signer, {
      intermediates: [parse(short)],
      anchors: [parse(root)],
      time: new Date(time),
      purpose: 'audit-signing',
    });

  test('is where all certificates of the path are valid', async () => {
    const path = await at(AT);
    expect(path.notBefore).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect(path.notAfter).toEqual(new Date('2026-07-01T00:00:00Z'));
    expect(path.chain.map(({ subject }) => subject)).toEqual([
      'O=Acme, CN=Signer',
      'O=Acme, CN=Short',
      'O=Acme, CN=Root',
    ]);
  });

  test('includes both ends and not a millisecond more', async () => {
    await at('2026-01-01T00:00:00.000Z');
    await at('2026-07-01T00:00:00.000Z');
    await expect(at('2025-12-31T23:59:59.999Z')).rejects.toMatchObject({ code: 'PKI_PATH_NOT_YET_VALID' });
    await expect(at('2026-07-01T00:00:00.001Z')).rejects.toMatchObject({ code: 'PKI_PATH_EXPIRED' });
  });

  test('no time is not a time at which a path holds', async () => {
    await expect(at('never')).rejects.toMatchObject({ code: 'PKI_PATH_UNTRUSTED' });
  });
});

test('intermediates that certify each other in circles are tried a bounded number of times', async () => {
  const keys = Array.from({ length: 6 }, (_, i) => issue(`/CN=Ring ${i}`, ca()));
  const ring = keys.flatMap((subject, i) =>
    keys.filter((_, j) => i !== j).map((issuer) => issue(`/CN=Ring ${i}`, ca(), issuer, { keyOf: subject })),
  );
  const options = { anchors: [parse(root)], time: new Date(AT), purpose: 'audit-signing' } as const;
  const start = performance.now();
  const lost = validatePath(parse(leafOf(keys[0] as Issued)), { ...options, intermediates: ring.map(parse) });
  await expect(lost).rejects.toMatchObject({ code: 'PKI_PATH_UNTRUSTED' });
  expect(performance.now() - start).toBeLessThan(5000);
});

/** Why the library alone will not do: these it accepts, OpenSSL and we refuse. When one fails, the library was mended. */
describe('pkijs alone accepts', () => {
  const opinionOn = ({ leaf, cas, anchors }: Case): Promise<void> =>
    checkOpinion([leaf, ...cas, ...anchors].map(parse), new Date(AT));
  const wrong = [
    'one intermediate under a path length of 0',
    'what a second CA grants beyond the first',
    'an excluded mailbox in the subject',
  ];

  test.each([...BAD, ...NAMES].filter(([what]) => wrong.includes(what)))('%s', async (_what, _ours, _openssl, make) => {
    await expect(opinionOn(make())).resolves.toBeUndefined();
  });

  test('but not everything', async () => {
    await expect(opinionOn(through(AUDIT))).rejects.toMatchObject({ code: 'PKI_PATH_UNTRUSTED' });
    await expect(opinionOn(under(AUDIT, { to: '20260531235958Z' }))).rejects.toMatchObject({
      code: 'PKI_PATH_UNTRUSTED',
    });
    const stranger = { leaf, cas: [sub], anchors: [issue('/CN=Root', ca())] };
    await expect(opinionOn(stranger)).rejects.toMatchObject({ code: 'PKI_PATH_UNTRUSTED' });
  });
});
