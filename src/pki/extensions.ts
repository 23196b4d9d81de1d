import type { Certificate, Extension } from './certificate.ts';
import { DerReader, TAG } from './der.ts';
import { PkiError } from './error.ts';
import { OID } from './oid.ts';

const CODE = 'PKI_PATH_EXTENSION';

/** Bits of keyUsage (RFC 5280 section 4.2.1.3), the first byte, most significant bit first. */
export const KEY_USAGE = { digitalSignature: 0x80, keyCertSign: 0x04 } as const;

/** What path validation here acts on; any other critical extension refuses the certificate (RFC 5280 section 4.2). */
const PROCESSED: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.nameConstraints,
  OID.extKeyUsage,
  // Any policy is acceptable to us; a CA that restricts that (policyConstraints, critical) is refused as unprocessed.
  OID.certificatePolicies,
]);

/** The extensions that say what a certificate may do, parsed. */
export interface Permissions {
  readonly isCa: boolean;
  /** How many intermediates may follow; undefined: any number. */
  readonly pathLength: number | undefined;
  /** Undefined if the extension is absent. */
  readonly keyUsage: number | undefined;
  readonly extKeyUsage: readonly string[] | undefined;
}

export function permissionsOf(certificate: Certificate): Permissions {
  const { extensions } = certificate.fields;
  for (const [oid, { critical }] of extensions) {
    if (critical && !PROCESSED.has(oid)) {
      throw new PkiError(
        CODE,
        `${certificate.subject} has the critical extension ${oid}, which is not understood here`,
      );
    }
  }
  return {
    ...basicConstraints(extensions.get(OID.basicConstraints)),
    keyUsage: keyUsage(extensions.get(OID.keyUsage)),
    extKeyUsage: extKeyUsage(extensions.get(OID.extKeyUsage)),
  };
}

/** Key identifiers, undefined where absent: the certificate's own and the one its issuer is said to have. */
export function keyIdentifiers(certificate: Certificate): { own: Buffer | undefined; issuers: Buffer | undefined } {
  const { extensions } = certificate.fields;
  const own = only(extensions.get(OID.subjectKeyIdentifier), (reader) => reader.read(TAG.octetString).contents);
  const issuers = only(extensions.get(OID.authorityKeyIdentifier), (reader) => {
    const fields = reader.enter(TAG.sequence);
    const keyIdentifier = fields.optional(TAG.contextPrimitive(0))?.contents;
    fields.optional(TAG.context(1));
    fields.optional(TAG.contextPrimitive(2));
    fields.end();
    return keyIdentifier;
  });
  return { own, issuers };
}

function basicConstraints(extension: Extension | undefined): { isCa: boolean; pathLength: number | undefined } {
  const parsed = only(extension, (reader) => {
    const fields = reader.enter(TAG.sequence);
    const isCa = fields.flag();
    const pathLength = fields.done ? undefined : fields.small();
    fields.end();
    if (pathLength !== undefined && !isCa) fields.fail('no path length where there is no CA');
    return { isCa, pathLength };
  });
  return parsed ?? { isCa: false, pathLength: undefined };
}

function keyUsage(extension: Extension | undefined): number | undefined {
  return only(extension, (reader) => {
    const { contents } = reader.read(TAG.bitString);
    const [unused, bits] = contents;
    if (unused === undefined || unused > 7 || bits === undefined) reader.fail('at least one key usage');
    return bits;
  });
}

function extKeyUsage(extension: Extension | undefined): string[] | undefined {
  return only(extension, (reader) => {
    const purposes: string[] = [];
    const list = reader.enter(TAG.sequence);
    while (!list.done) purposes.push(list.oid());
    if (purposes.length === 0) list.fail('at least one purpose');
    return purposes;
  });
}

/** Parses an extension's value, which must hold nothing more. */
function only<T>(extension: Extension | undefined, parse: (reader: DerReader) => T): T | undefined {
  if (extension === undefined) return undefined;
  const reader = new DerReader(extension.value, CODE);
  const parsed = parse(reader);
  reader.end();
  return parsed;
}
