import { readFile } from 'node:fs/promises';
import { parseTokens, type TokenRecord } from '../identity/index.ts';
import { Certificate, openSigner, type Signer } from '../pki/index.ts';
import type { AuditKey, Config, SecretSource } from './config.ts';

/** The key that signs records, with its certificate; a passphrase comes from the environment. */
export async function readSigner(source: AuditKey, env: NodeJS.ProcessEnv): Promise<Signer> {
  if ('pkcs12' in source) {
    return openSigner({ pkcs12: await readFile(source.pkcs12), passphrase: env[source.passphrase_env] ?? '' });
  }
  const [certificatePem, keyPem] = await Promise.all([
    readFile(source.certificate, 'utf8'),
    readFile(source.key, 'utf8'),
  ]);
  return openSigner({ certificatePem, keyPem, passphrase: source.passphrase_env && env[source.passphrase_env] });
}

/** The certificates that a chain must end in. */
export async function readAnchors(file: string): Promise<Certificate[]> {
  return Certificate.fromPem(await readFile(file, 'utf8'));
}

export async function readTokens(file: string | undefined): Promise<TokenRecord[]> {
  return file === undefined ? [] : parseTokens(await readFile(file));
}

/**
 * A vendor's key, from where the configuration says it is. `none` is the empty string: the upstream asks for no key.
 * Undefined when the variable or file is not there or empty: calls to that vendor are then refused.
 */
export async function readSecret(source: SecretSource, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (source === 'none') return '';
  if ('env' in source) return env[source.env]?.trim() || undefined;
  try {
    return (await readFile(source.file, 'utf8')).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The secret that seals approvals; undefined if none is configured. One that is configured and not there ends the start. */
export async function readApprovalKey(
  { approvals: { key } }: Config,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (key === undefined) return undefined;
  const secret = await readSecret(key, env);
  if (secret === undefined) throw new Error('approvals.key: expected a secret where the configuration says that it is');
  return secret;
}
