import type { Reader } from './ruleset-read.ts';

/** What an operator's rules may find: kinds of the first stage and their own beneath them, never another stage's. */
const KIND = /^(?:secret|personal|payment|health|proprietary|source_code)(?:\.[a-z][a-z0-9_]{0,39}){0,4}$/;

export const readKind = (reader: Reader): string =>
  reader.text(
    200,
    KIND,
    'a kind such as proprietary.project: secret, personal, payment, health, proprietary or source_code, and names after dots',
  );
