import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'RSA-1024' | 'RSA-2048' | 'RSA-3072';

export interface Issued {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface Request {
  /** As `openssl req -subj` takes it. */
  subject: string;
  /** Absent: self-signed. */
  issuer?: Issued;
  /** Lines of an OpenSSL extension section. */
  extensions?: string[];
  kind?: KeyKind;
  /** Certify this one's key again. */
  keyOf?: Issued;
  digest?: string;
  /** YYYYMMDDHHMMSSZ */
  from?: string;
  to?: string;
}

/** A certification authority driven by the real `openssl` program, in a folder of its own. */
export class OpenSsl {
  readonly folder = mkdtempSync(join(tmpdir(), 'verdict-pki-'));
  private count = 0;

  constructor() {
    writeFileSync(this.path('index.txt'), '');
    writeFileSync(this.path('index.txt.attr'), 'unique_subject = no\n');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  run(...args: string[]): string {
    return execFileSync('openssl', args, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** Whether the command succeeds; what it printed in any case. */
  try(...args: string[]): { ok: boolean; output: string } {
    try {
      return { ok: true, output: this.run(...args) };
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { ok: false, output: `${stdout}${stderr}` };
    }
  }

  newKey(kind: KeyKind): string {
    const file = this.path(`${++this.count}.key`);
    const [type = '', size = ''] = kind.split('-');
    const options =
      type === 'RSA' ? ['RSA', '-pkeyopt', `rsa_keygen_bits:${size}`] : ['EC', '-pkeyopt', `ec_paramgen_curve:${kind}`];
    this.run('genpkey', '-algorithm', ...options, '-out', file);
    return file;
  }

  issue(request: Request): Issued {
    const keyFile = request.keyOf?.keyFile ?? this.newKey(request.kind ?? 'P-256');
    const id = ++this.count;
    const certificateFile = this.path(`${id}.pem`);
    const config = this.write(`${id}.cnf`, configText(request.extensions ?? []));
    this.run('req', '-new', '-config', config, '-key', keyFile, '-subj', request.subject, '-utf8', '-out', `${id}.csr`);
    const issuer = request.issuer
      ? ['-cert', request.issuer.certificateFile, '-keyfile', request.issuer.keyFile]
      : ['-selfsign', '-keyfile', keyFile];
    const { from = '20250101000000Z', to = '20350101000000Z', digest = 'sha256' } = request;
    const times = ['-startdate', from, '-enddate', to, '-md', digest];
    const files = ['-in', `${id}.csr`, '-out', certificateFile, '-extfile', config, '-extensions', 'ext'];
    this.run('ca', '-batch', '-config', config, '-notext', '-preserveDN', ...issuer, ...times, ...files);
    return {
      certificate: readFileSync(certificateFile, 'utf8'),
      key: readFileSync(keyFile, 'utf8'),
      certificateFile,
      keyFile,
    };
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function configText(extensions: string[]): string {
  return [
    '[req]',
    'distinguished_name = dn',
    'string_mask = utf8only',
    '[dn]',
    '[ca]',
    'default_ca = this',
    '[this]',
    'database = index.txt',
    'new_certs_dir = .',
    'rand_serial = yes',
    'policy = any',
    'unique_subject = no',
    '[any]',
    ...['commonName', 'organizationName', 'organizationalUnitName', 'countryName', 'emailAddress'].map(
      (field) => `${field} = optional`,
    ),
    '[ext]',
    ...extensions,
  ].join('\n');
}

export const ROOT = ['basicConstraints = critical,CA:TRUE', 'keyUsage = critical,keyCertSign,cRLSign'];
export const DIGITAL_SIGNATURE = 'keyUsage = critical,digitalSignature';
export const AUDIT = [
  'basicConstraints = critical,CA:FALSE',
  DIGITAL_SIGNATURE,
  'extendedKeyUsage = 1.3.6.1.5.5.7.3.36',
];
export const BUNDLE = ['basicConstraints = critical,CA:FALSE', DIGITAL_SIGNATURE, 'extendedKeyUsage = codeSigning'];
