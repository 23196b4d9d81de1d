import type { Finding } from '../finding.ts';
import { scanOf } from './scan.ts';
import { secretsOf } from './secrets.ts';
import { sensitiveOf } from './sensitive.ts';
import { WORDS } from './words.ts';

/** Secrets and keys, in order of their places. */
export const findSecrets = (text: string): Finding[] => sorted(secretsOf(scanOf(text, WORDS)));

/** Everything else that is sensitive: personal, payment and health data, source code, proprietary markers. */
export const findSensitive = (text: string): Finding[] => sorted(sensitiveOf(scanOf(text, WORDS)));

/** Both, by one pass over the text. Findings may overlap: a key in source code is a finding inside a finding. */
export function findSensitivity(text: string): Finding[] {
  const scan = scanOf(text, WORDS);
  return sorted([...secretsOf(scan), ...sensitiveOf(scan)]);
}

const sorted = (findings: Finding[]): Finding[] => findings.sort((a, b) => a.start - b.start || b.end - a.end);
