export { Certificate } from './certificate.ts';
export { createDevelopmentPki, type DevelopmentPki, type KeyAndCertificate } from './development.ts';
export { PkiError, type PkiErrorCode } from './error.ts';
export { OID_AUDIT_RECORD, OID_BUNDLE_SUMS } from './oid.ts';
export { type PathOptions, type Purpose, type ValidPath, validatePath } from './path.ts';
export { CmsSigner, type SignedBytes, signCms } from './sign.ts';
export { openSigner, type Signer, type SignerSource } from './signer.ts';
export { cmsCertificates, type VerifiedBytes, type VerifyOptions, verifyCms, verifyContent } from './verify.ts';
