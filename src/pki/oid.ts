/**
 * Object identifiers. Our two content types are UUIDs under 2.25 (ITU-T X.667, no registration needed): random version 4
 * UUIDs written as one decimal number. Arcs that long do not fit in 64 bits, so this room encodes and decodes them itself:
 * asn1js encodes them well but shows them as hex when it decodes.
 */

/** Content type of an audit record's signature: UUID c41dd7de-829d-4481-974c-a5a4afb58590. */
export const OID_AUDIT_RECORD = '2.25.260683642129881060508105109918033741200';
/** Content type of the signature over a bundle's SHA256SUMS: UUID 11598189-e300-4a9a-8937-5013575fe528. */
export const OID_BUNDLE_SUMS = '2.25.23061617704103754553253983565461316904';

export const OID = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  sha256: '2.16.840.1.101.3.4.2.1',
  rsaEncryption: '1.2.840.113549.1.1.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  emailAddress: '1.2.840.113549.1.9.1',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  anyExtendedKeyUsage: '2.5.29.37.0',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  documentSigning: '1.3.6.1.5.5.7.3.36',
} as const;
