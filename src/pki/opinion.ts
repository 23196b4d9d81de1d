import type { Certificate } from './certificate.ts';
import { PkiError } from './error.ts';

/**
 * A second opinion on a path that our own checks accept, from a parser and validator that share no code with them.
 * It can only refuse: pkijs 4.0.0 by itself accepts paths that RFC 5280 does not (path length is never looked at,
 * permitted name subtrees are united; test/pki/path.test.ts shows what it accepts wrongly).
 */
export async function checkOpinion(chain: readonly Certificate[], time: Date): Promise<void> {
  const objection = await findObjection(chain, time).catch((error: Error) => error.message);
  if (objection !== undefined) {
    throw new PkiError('PKI_PATH_UNTRUSTED', `the second validator refuses the path: ${objection}`);
  }
}

async function findObjection(chain: readonly Certificate[], time: Date): Promise<string | undefined> {
  const pkijs = await import('pkijs'); // large, and of no use to who only signs
  const parsed = chain.map(({ der }) => pkijs.Certificate.fromBER(new Uint8Array(der)));
  const engine = new pkijs.CertificateChainValidationEngine({
    trustedCerts: parsed.slice(-1),
    certs: parsed.slice(0, -1).reverse(), // the engine takes the last one as the subject
    checkDate: time,
  });
  const { result, resultMessage } = await engine.verify();
  return result === true ? undefined : resultMessage;
}
