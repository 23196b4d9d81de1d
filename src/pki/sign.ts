import { hash, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { CmsTemplate, DIGEST_BYTES } from './cms.ts';
import { PkiError } from './error.ts';
import type { Signer } from './signer.ts';

declare const signed: unique symbol;
/** A CMS signature that this room made. */
export type SignedBytes = Uint8Array & { readonly [signed]: true };

const signInPool = promisify(sign) as (algorithm: string, data: Uint8Array, key: KeyObject) => Promise<Buffer>;

/** Signs many digests with one key: what does not change between them is encoded once. */
export class CmsSigner {
  private readonly key: KeyObject;
  private readonly template: CmsTemplate;
  private readonly attributes: Buffer;

  /** @param contentType dotted object identifier; with `certificates`, each message carries the signer's and its chain's */
  constructor(signer: Signer, contentType: string, options: { readonly certificates?: boolean } = {}) {
    this.key = signer.key;
    const embedded = options.certificates === true ? [signer.certificate, ...signer.chain] : [];
    this.template = new CmsTemplate(signer.certificate, contentType, embedded);
    this.attributes = Buffer.from(this.template.attributes);
  }

  /**
   * Signs in this thread: about 25 microseconds with P-256.
   * @param messageDigest SHA-256 of the content, 32 bytes
   * @returns DER ContentInfo, detached
   */
  sign(messageDigest: Uint8Array): SignedBytes {
    checkDigest(messageDigest);
    this.attributes.set(messageDigest, this.template.attributesDigestAt);
    return this.fill(messageDigest, sign('sha256', this.attributes, this.key));
  }

  /** Like `sign`, in the thread pool: worth it where this thread has other work, and for RSA (a millisecond or more). */
  async signInPool(messageDigest: Uint8Array): Promise<SignedBytes> {
    checkDigest(messageDigest);
    const digest = Buffer.from(messageDigest); // the caller may reuse its buffer before the pool is done
    const attributes = Buffer.from(this.template.attributes);
    attributes.set(digest, this.template.attributesDigestAt);
    return this.fill(digest, await signInPool('sha256', attributes, this.key));
  }

  private fill(digest: Uint8Array, signature: Buffer): SignedBytes {
    const form = this.template.form(signature.length);
    const der = Buffer.allocUnsafe(form.der.length);
    der.set(form.der);
    der.set(digest, form.digestAt);
    der.set(signature, form.signatureAt);
    return der as Uint8Array as SignedBytes;
  }
}

function checkDigest(digest: Uint8Array): void {
  if (digest.length !== DIGEST_BYTES) {
    throw new PkiError('PKI_CMS_DIGEST_MISMATCH', `expected a SHA-256 digest of 32 bytes, got ${digest.length}`);
  }
}

/** Signs one content; `certificates` embeds the signer's certificate and chain. */
export function signCms(
  signer: Signer,
  content: Uint8Array,
  options: { readonly contentType: string; readonly certificates: boolean },
): SignedBytes {
  return new CmsSigner(signer, options.contentType, options).sign(hash('sha256', content, 'buffer'));
}
