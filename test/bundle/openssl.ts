import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certification authority made by OpenSSL, for certificates that our own does not issue. */
export class Authority {
  private readonly folder: string;
  private serial = 0;

  constructor(folder: string, { days = 36500 }: { days?: number } = {}) {
    this.folder = folder;
    this.run(
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days ${days} -subj /CN=Test`,
      ['-addext', 'basicConstraints=critical,CA:TRUE'],
    );
  }

  get certificatePem(): string {
    return this.read('ca.pem');
  }

  /** A key and a certificate for it. */
  issue({ usage = 'codeSigning', rsa = false }: { usage?: string; rsa?: boolean } = {}): {
    certificatePem: string;
    keyPem: string;
  } {
    const name = `leaf${++this.serial}`;
    const key = rsa ? 'rsa:2048' : 'ec -pkeyopt ec_paramgen_curve:P-256';
    writeFileSync(
      join(this.folder, `${name}.cnf`),
      `keyUsage=critical,digitalSignature\nextendedKeyUsage=${usage}\nbasicConstraints=critical,CA:FALSE\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n`,
    );
    this.run(`req -newkey ${key} -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
    this.run(
      `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -set_serial ${1000 + this.serial} -days 3650 -extfile ${name}.cnf -out ${name}.pem`,
    );
    return { certificatePem: this.read(`${name}.pem`), keyPem: this.read(`${name}.key`) };
  }

  /** Both in one PKCS#12 file. */
  pkcs12({ certificatePem, keyPem }: { certificatePem: string; keyPem: string }, passphrase: string): Uint8Array {
    writeFileSync(join(this.folder, 'both.pem'), certificatePem + keyPem);
    this.run(`pkcs12 -export -in both.pem -out both.p12 -passout pass:${passphrase}`);
    return readFileSync(join(this.folder, 'both.p12'));
  }

  private read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  private run(command: string, more: string[] = []): void {
    execFileSync('openssl', [...command.split(' '), ...more], { cwd: this.folder, stdio: 'pipe' });
  }
}
