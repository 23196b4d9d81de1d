import type { Certificate } from './certificate.ts';
import { DerReader, type Element, TAG } from './der.ts';
import { PkiError } from './error.ts';
import { OID } from './oid.ts';

/**
 * Name constraints (RFC 5280 section 4.2.1.10). Ours and not the library's: pkijs 4 adds the permitted subtrees of a
 * second CA to the first's instead of intersecting them, so that a sub-CA could widen what its own CA granted, and it
 * overlooks e-mail addresses in subjects.
 */
const CODE = 'PKI_PATH_NAME_CONSTRAINTS';

/** GeneralName choices, by tag. Others (otherName, x400Address, ediPartyName, registeredID) cannot be constrained here. */
const EMAIL = TAG.contextPrimitive(1);
const DNS = TAG.contextPrimitive(2);
const DIRECTORY = TAG.context(4);
const URI = TAG.contextPrimitive(6);
const IP = TAG.contextPrimitive(7);

interface GeneralName {
  readonly tag: number;
  readonly contents: Buffer;
}

type Matcher = (name: Buffer, constraint: Buffer) => boolean;

const MATCHERS: ReadonlyMap<number, Matcher> = new Map([
  [EMAIL, matchEmail],
  [DNS, matchDns],
  [DIRECTORY, matchDirectory],
  [URI, matchUri],
  [IP, matchIp],
]);

/**
 * @param chain from the signer's certificate up to the trust anchor
 * @throws PkiError PKI_PATH_NAME_CONSTRAINTS if a CA of the chain may not vouch for a name below it
 */
export function checkNameConstraints(chain: readonly Certificate[]): void {
  chain.forEach((ca, height) => {
    const extension = ca.fields.extensions.get(OID.nameConstraints);
    if (extension === undefined) return;
    if (height === 0) throw new PkiError(CODE, `${ca.subject} is no CA, yet it has name constraints`);
    const { permitted, excluded } = parseConstraints(extension.value);
    chain.slice(0, height).forEach((certificate, index) => {
      // A CA's new certificate for itself is exempt, unless it is the last of the path (section 6.1.3 (b)).
      const selfIssued = index > 0 && certificate.fields.issuer.equals(certificate.fields.subject);
      if (!selfIssued) for (const name of namesOf(certificate)) checkName(name, permitted, excluded, certificate, ca);
    });
  });
}

function checkName(
  name: GeneralName,
  permitted: GeneralName[],
  excluded: GeneralName[],
  certificate: Certificate,
  ca: Certificate,
): void {
  const match = MATCHERS.get(name.tag);
  if (match === undefined) return; // parseConstraints refused constraints on such names
  const ofForm = permitted.filter(({ tag }) => tag === name.tag);
  const granted = ofForm.length === 0 || ofForm.some(({ contents }) => match(name.contents, contents));
  const barred = excluded.some(({ tag, contents }) => tag === name.tag && match(name.contents, contents));
  if (!granted || barred) {
    throw new PkiError(CODE, `${ca.subject} may not vouch for a name of ${certificate.subject}`);
  }
}

function parseConstraints(value: Buffer): { permitted: GeneralName[]; excluded: GeneralName[] } {
  const outer = new DerReader(value, CODE);
  const fields = outer.enter(TAG.sequence);
  outer.end();
  const permitted = parseSubtrees(fields, TAG.context(0));
  const excluded = parseSubtrees(fields, TAG.context(1));
  fields.end();
  return { permitted, excluded };
}

function parseSubtrees(fields: DerReader, tag: number): GeneralName[] {
  const subtrees: GeneralName[] = [];
  if (fields.peek() !== tag) return subtrees;
  const list = fields.enter(tag);
  while (!list.done) {
    const subtree = list.enter(TAG.sequence);
    const name = subtree.any();
    if (!MATCHERS.has(name.tag)) subtree.fail('constraints on names of a form that is understood here');
    subtree.end(); // minimum and maximum are not used in this profile (section 4.2.1.10)
    subtrees.push(name);
  }
  return subtrees;
}

function namesOf(certificate: Certificate): GeneralName[] {
  const names: GeneralName[] = [];
  const subject = rdns(certificate.fields.subject);
  if (subject.length > 0) names.push({ tag: DIRECTORY, contents: certificate.fields.subject });
  for (const { oid, value } of subject.flat()) {
    if (oid === OID.emailAddress) names.push({ tag: EMAIL, contents: value.contents });
  }
  const extension = certificate.fields.extensions.get(OID.subjectAltName);
  if (extension === undefined) return names;
  const list = new DerReader(extension.value, CODE).enter(TAG.sequence);
  while (!list.done) names.push(list.any());
  return names;
}

/** Host names compare without case and without the dot that may end an absolute one. */
function hostName(text: string): string {
  return text.toLowerCase().replace(/\.$/, '');
}

/** `example.org` covers itself and all below; `.example.org`, as OpenSSL reads it, only what is below. */
function matchDns(name: Buffer, constraint: Buffer): boolean {
  const [host, base] = [hostName(name.toString('latin1')), hostName(constraint.toString('latin1'))];
  if (base === '') return true;
  return base.startsWith('.') ? host.endsWith(base) : host === base || host.endsWith(`.${base}`);
}

/** `.example.org` covers the hosts below, `example.org` that host alone (e-mail and URI constraints). */
function matchHost(host: string, base: string): boolean {
  return base.startsWith('.') ? host.endsWith(base) : host === base;
}

function matchEmail(name: Buffer, constraint: Buffer): boolean {
  const [box, host] = mailbox(name.toString('latin1'));
  const [wantedBox, base] = mailbox(constraint.toString('latin1'));
  if (wantedBox !== undefined) return box === wantedBox && host === base;
  return base === '' || matchHost(host, base);
}

/** What stands before the @ keeps its case (RFC 5280 section 7.5). */
function mailbox(text: string): [box: string | undefined, host: string] {
  const at = text.lastIndexOf('@');
  return [at < 0 ? undefined : text.slice(0, at), hostName(text.slice(at + 1))];
}

const URI_HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([a-z0-9.-]+)(?::\d*)?(?:[/?#]|$)/i;

function matchUri(name: Buffer, constraint: Buffer): boolean {
  const host = URI_HOST.exec(name.toString('latin1'))?.[1];
  // Section 4.2.1.10: a URI without a host name must be rejected where URIs are constrained.
  if (host === undefined || /^[\d.]+$/.test(host)) throw new PkiError(CODE, 'expected a URI with a host name');
  return matchHost(hostName(host), hostName(constraint.toString('latin1')));
}

/** Address and mask, 4 + 4 or 16 + 16 bytes. */
function matchIp(name: Buffer, constraint: Buffer): boolean {
  if (constraint.length !== 8 && constraint.length !== 32) throw new PkiError(CODE, 'expected an address and a mask');
  const size = constraint.length / 2;
  if (name.length !== size) return false;
  return name.every((byte, i) => ((byte ^ (constraint[i] ?? 0)) & (constraint[size + i] ?? 0)) === 0);
}

/** The constraint's RDNs must be the first of the name's. */
function matchDirectory(name: Buffer, constraint: Buffer): boolean {
  // In a GeneralName the Name is wrapped ([4] EXPLICIT), so the constraint's contents are a whole Name as well.
  const [full, base] = [rdns(name).map(canonical), rdns(constraint).map(canonical)];
  return base.every((rdn, i) => rdn === full[i]);
}

interface Attribute {
  readonly oid: string;
  readonly value: Element;
}

function rdns(name: Buffer): Attribute[][] {
  const sequence = new DerReader(name, CODE).enter(TAG.sequence);
  const all: Attribute[][] = [];
  while (!sequence.done) {
    const set = sequence.enter(TAG.set);
    const attributes: Attribute[] = [];
    while (!set.done) {
      const pair = set.enter(TAG.sequence);
      attributes.push({ oid: pair.oid(), value: pair.any() });
    }
    all.push(attributes);
  }
  return all;
}

/** Equal for names that RFC 5280 section 7.1 calls equal: case and runs of spaces do not count, nor the string type. */
function canonical(rdn: Attribute[]): string {
  return JSON.stringify(rdn.map(({ oid, value }) => `${oid}=${canonicalValue(value)}`).sort());
}

function canonicalValue({ tag, der, contents }: Element): string {
  const text = decodeString(tag, contents);
  if (text === undefined) return `#${der.toString('hex')}`;
  return text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

const BMP_STRING = 0x1e;
const UNIVERSAL_STRING = 0x1c;
const ONE_BYTE_STRINGS = new Set([0x12, 0x13, 0x14, 0x16]); // Numeric, Printable, Teletex, IA5

function decodeString(tag: number, contents: Buffer): string | undefined {
  if (tag === TAG.utf8String) return contents.toString('utf8');
  if (ONE_BYTE_STRINGS.has(tag)) return contents.toString('latin1');
  if (tag === BMP_STRING && contents.length % 2 === 0) return Buffer.from(contents).swap16().toString('utf16le');
  if (tag !== UNIVERSAL_STRING || contents.length % 4 !== 0) return undefined;
  const points = Array.from({ length: contents.length / 4 }, (_, i) => contents.readUInt32BE(4 * i));
  return points.every((point) => point <= 0x10ffff) ? String.fromCodePoint(...points) : undefined;
}
