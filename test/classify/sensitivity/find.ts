import { findSensitivity } from '../../../src/classify/sensitivity/sensitivity.ts';

/** What is found in a text, each as `kind: what`. */
export const found = (text: string): string[] =>
  findSensitivity(text).map(({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`);

export const kindsIn = (text: string): string[] => [...new Set(findSensitivity(text).map(({ kind }) => kind))];
