import type { Finding } from '../finding.ts';

const SPACE =
  '\\u200B\\u2060-\\u2064\\uFEFF\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u3164\\uFFA0\\u206A-\\u206F\\u200E\\u200F\\u061C\\u00AD\\u180E';
const RUN = new RegExp(`[${SPACE}\\u200C\\u200D]+`, 'g');

/** Scripts in which a joiner changes how letters are shaped: Unicode 23.2, RFC 5892 appendix A. */
const SHAPING =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Mongolian}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u;
/** Scripts written without spaces, in which ZWSP shows where a line may break. */
const SPACELESS =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Javanese}\p{Script=Balinese}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const EMOJI = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\uFE0F/u;
const WORD = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\d]/u;
const MARKS = /^[\u200E\u200F\u061C]$/;
const JOINER = /^[\u200C\u200D]$/;

/** Marks this near are one finding: with one after every letter there would be as many findings as letters. */
const NEAR = 16;

/** Characters without width that no script needs where they are. */
export function findZeroWidth(text: string): Finding[] {
  const found: (Finding & { marks: number })[] = [];
  for (const match of text.matchAll(RUN)) {
    const confidence = suspicion(
      match[0],
      around(text, match.index, -1),
      around(text, match.index + match[0].length, 1),
    );
    if (confidence === 0) continue;
    const [start, end] = [match.index, match.index + match[0].length];
    const last = found.at(-1);
    if (last && start - last.end <= NEAR) {
      last.end = end;
      last.marks += match[0].length;
      last.confidence = Math.max(last.confidence, confidence, last.marks >= 4 ? 0.9 : 0);
    } else {
      const rule = 'risk/hidden/zero-width';
      found.push({ kind: 'hidden_text.zero_width', start, end, confidence, rule, marks: match[0].length });
    }
  }
  return found.map(({ marks: _, ...finding }) => finding);
}

/** 0 where the run belongs, as far as its neighbours tell. */
function suspicion(run: string, before: string, after: string): number {
  if (run.length >= 4) return 0.9;
  if (run.length > 1) return 0.6;
  if (run === '\uFEFF' && before === '') return 0;
  // Soft hyphens are what copied text is full of, marks of direction what right-to-left text is.
  if (run === '\u00AD' || MARKS.test(run)) return 0;
  if (JOINER.test(run) && SHAPING.test(before)) return 0;
  if (run === '\u200D' && EMOJI.test(before) && EMOJI.test(after)) return 0;
  if (run === '\u200B' && (SPACELESS.test(before) || SPACELESS.test(after))) return 0;
  return WORD.test(before) && WORD.test(after) ? 0.6 : 0.3;
}

/** The character before or after an offset. */
function around(text: string, at: number, step: 1 | -1): string {
  if (step === 1) return at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : '';
  const low = text.charCodeAt(at - 1);
  return text.slice(Math.max(0, at - (low >= 0xdc00 && low <= 0xdfff ? 2 : 1)), at);
}
