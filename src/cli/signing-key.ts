import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { openSigner, PkiError, type Signer } from '../pki/index.ts';
import { CliError, EXIT } from './exit.ts';

export interface KeyOptions {
  cert?: string;
  key?: string;
  p12?: string;
  passphraseEnv: string;
}

/** Where `verdict init` puts them. */
const DEFAULTS = { cert: 'pki/bundle.pem', key: 'pki/bundle.key' };

/**
 * Opens the key that the options of a command name. The passphrase comes from the environment, never from the command
 * line, which other users of the machine can read.
 * @throws CliError
 */
export async function readSigner(options: KeyOptions): Promise<Signer> {
  const passphrase = process.env[options.passphraseEnv];
  try {
    if (options.p12 !== undefined) {
      if (options.cert ?? options.key) throw new CliError(EXIT.usage, 'expected --p12, or --cert and --key, not both');
      if (passphrase === undefined)
        throw new CliError(EXIT.usage, `--p12: expected its passphrase in ${options.passphraseEnv}`);
      return openSigner({ pkcs12: await read(options.p12), passphrase });
    }
    const { cert, key } = pemFiles(options);
    const [certificatePem, keyPem] = [(await read(cert)).toString('utf8'), (await read(key)).toString('utf8')];
    return openSigner({ certificatePem, keyPem, passphrase });
  } catch (error) {
    if (error instanceof PkiError) throw new CliError(EXIT.usage, `the signing key: ${error.message}`);
    throw error;
  }
}

function pemFiles(options: KeyOptions): { cert: string; key: string } {
  if (options.cert !== undefined && options.key !== undefined) return { cert: options.cert, key: options.key };
  if (options.cert ?? options.key) throw new CliError(EXIT.usage, 'expected --cert and --key together');
  if (existsSync(DEFAULTS.cert)) return DEFAULTS;
  throw new CliError(
    EXIT.usage,
    `expected a signing key: --cert and --key, or --p12, or ${DEFAULTS.cert} and ${DEFAULTS.key} as verdict init makes them`,
  );
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CliError(EXIT.unable, `${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}
