import type { Finding } from '../finding.ts';

const CONTROL = /[\u202A-\u202E\u2066-\u2069]|[\n\r\u2029]/g;
const ISOLATE_END = '\u2069';
const EMBEDDING_END = '\u202C';
const OVERRIDE = /[\u202D\u202E]/;
/** Controls this near are one finding. */
const NEAR = 16;
const ISOLATE = /[\u2066-\u2068]/;

/**
 * Overrides, and embeddings or isolates still open at the end of their paragraph: with these, code reads otherwise than it
 * looks (Trojan Source, CVE-2021-42574; UTR 36 section 2.5). Balanced ones are how right-to-left text quotes left-to-right.
 */
export function findBidi(text: string): Finding[] {
  const found: Finding[] = [];
  const report = (start: number, end: number, confidence: number, why: string): void => {
    const rule = `risk/hidden/bidi-${why}`;
    const last = found.at(-1);
    // One after every few letters would be as many findings as letters.
    if (last && last.rule === rule && start - last.end <= NEAR) last.end = end;
    else found.push({ kind: 'hidden_text.bidi', start, end, confidence, rule });
  };
  let open: { at: number; isolate: boolean }[] = [];
  const closeParagraph = (): void => {
    const [first] = open;
    const last = open.at(-1);
    if (first && last) report(first.at, last.at + 1, 0.8, 'unbalanced');
    open = [];
  };
  for (const { 0: control, index: at } of text.matchAll(CONTROL)) {
    if (OVERRIDE.test(control)) report(at, at + 1, 0.9, 'override');
    if (control === ISOLATE_END || control === EMBEDDING_END) {
      // An isolate that ends takes the embeddings within it along; an embedding's end doesn't reach over an isolate.
      if (control === ISOLATE_END) while (open.length > 0 && open.at(-1)?.isolate === false) open.pop();
      if (open.length > 0 && open.at(-1)?.isolate === (control === ISOLATE_END)) open.pop();
    } else if (control < '\u2000' || control === '\u2029') closeParagraph();
    else open.push({ at, isolate: ISOLATE.test(control) });
  }
  closeParagraph();
  return found;
}
