import { findRisks } from '../../../src/classify/risk/risk.ts';

/** What is found in a text, each as `kind: what`. */
export const found = (text: string): string[] =>
  findRisks(text).map(({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`);

/** How sure the surest finding of a kind is; 0 if there is none. */
export const sureOf = (text: string, kind: string): number =>
  Math.max(
    0,
    ...findRisks(text)
      .filter((finding) => finding.kind === kind)
      .map(({ confidence }) => confidence),
  );
