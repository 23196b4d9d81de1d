import { PkiError, type PkiErrorCode } from './error.ts';

export interface PemBlock {
  readonly label: string;
  readonly text: string;
  readonly bytes: Buffer;
  /** The block is encrypted, in PKCS#8's way or in the traditional one. */
  readonly encrypted: boolean;
}

const MAX_CHARACTERS = 1024 * 1024;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n((?:[^-]|-(?!----))*)-----END \1-----/g;

/** The blocks of a PEM text (RFC 7468); text around them is explanatory and passed over. */
export function pemBlocks(pem: string, code: PkiErrorCode): PemBlock[] {
  if (pem.length > MAX_CHARACTERS) throw new PkiError(code, `expected at most ${MAX_CHARACTERS} characters of PEM`);
  return [...pem.matchAll(BLOCK)].map(([text, label = '', body = '']) => {
    // Traditional encrypted keys have headers before an empty line (RFC 1421).
    const base64 = body.replace(/^(?:[A-Za-z-]+: .*\r?\n)+\r?\n/, '').replace(/[\r\n\t ]/g, '');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new PkiError(code, `expected base64 in PEM block ${label}`);
    const encrypted = label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(body);
    return { label, text, bytes: Buffer.from(base64, 'base64'), encrypted };
  });
}
