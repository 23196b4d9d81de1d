import type { Finding } from '../finding.ts';
import { findAssigned } from './assignment.ts';
import { findConnectionStrings } from './connection-string.ts';
import { findCredentials } from './credentials.ts';
import { findEnvLines } from './env-line.ts';
import { isSpecimen } from './examples.ts';
import { findPrivateKeys } from './private-key.ts';
import type { Scan } from './scan.ts';
import { findBySecretlint } from './secretlint.ts';
import { findVendorKeys } from './vendor-key.ts';

/** Secrets and keys: by secretlint's preset, then what it doesn't know. */
export function secretsOf(scan: Scan): Finding[] {
  const { text } = scan;
  return [
    ...findBySecretlint(text).filter(({ start, end }) => !isSpecimen(text.slice(start, end))),
    ...findVendorKeys(scan),
    ...findPrivateKeys(text),
    ...findConnectionStrings(text),
    ...findCredentials(scan),
    ...findAssigned(scan),
    ...findEnvLines(text),
  ];
}
