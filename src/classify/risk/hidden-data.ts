import type { Finding } from '../finding.ts';

/** What invisible characters spell, where each of them holds a letter or a byte. */
export interface Hidden {
  finding: Finding;
  /** For the other detectors to look at: a model reads it, or is told how to. */
  text: string;
}

/** Runs of tag characters, an emoji flag (UTS 51, ED-14a) included with its black flag. */
const TAGS = /(?:\u{1F3F4})?[\u{E0000}-\u{E007F}]+/gu;
/** The flags that fonts draw: England, Scotland, Wales, and Texas, which some vendors add. Any other may hold anything. */
const FLAGS: ReadonlySet<string> = new Set(['gbeng', 'gbsct', 'gbwls', 'ustx']);
const CANCEL = '\u{E007F}';

export function findTags(text: string): Hidden[] {
  const found: Hidden[] = [];
  for (const match of text.matchAll(TAGS)) {
    const run = match[0];
    const isFlag = run.startsWith('\u{1F3F4}');
    const spelled = spell(isFlag ? run.slice(2) : run);
    if (isFlag && FLAGS.has(spelled) && run.endsWith(CANCEL)) continue;
    const start = match.index + (isFlag ? 2 : 0);
    if (start === match.index + run.length) continue;
    const end = match.index + run.length;
    const rule = 'risk/hidden/tags';
    found.push({ finding: { kind: 'hidden_text.tags', start, end, confidence: 1, rule }, text: spelled });
  }
  return found;
}

function spell(tags: string): string {
  let spelled = '';
  for (const tag of tags) {
    const code = (tag.codePointAt(0) ?? 0) - 0xe0000;
    if (code >= 0x20 && code < 0x7f) spelled += String.fromCharCode(code);
  }
  return spelled;
}

const SELECTORS = /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]+/gu;
/** Where StandardizedVariants.txt and the Ideographic Variation Database know one selector after a character. */
const EMOJI_BASE = /[#*\d\p{Extended_Pictographic}\p{Emoji_Modifier}\u{1F1E6}-\u{1F1FF}]/u;
const STANDARDIZED =
  /[\p{Sm}\p{So}\p{Script=Mongolian}\p{Script=Phags_Pa}\p{Script=Myanmar}\p{Script=Han}0\u3000-\u303F\uFF00-\uFF60]/u;
const IDEOGRAPH = /\p{Script=Han}/u;

/** One selector can hold a byte, and a run of them a message that no screen shows. */
export function findSelectors(text: string): Hidden[] {
  const found: Hidden[] = [];
  for (const match of text.matchAll(SELECTORS)) {
    const selectors = [...match[0]];
    if (selectors.length === 1 && selects(before(text, match.index), selectors[0] as string)) continue;
    const confidence = selectors.length >= 4 ? 1 : selectors.length > 1 ? 0.7 : 0.5;
    found.push({
      finding: {
        kind: 'hidden_text.variation_selectors',
        start: match.index,
        end: match.index + match[0].length,
        confidence,
        rule: 'risk/hidden/variation-selectors',
      },
      text: selectors.length > 1 ? Buffer.from(selectors.map(byteOf)).toString('utf8') : '',
    });
  }
  return found;
}

function before(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(Math.max(0, at - 2), at) : text.slice(Math.max(0, at - 1), at);
}

function selects(base: string, selector: string): boolean {
  const code = selector.codePointAt(0) ?? 0;
  if (code >= 0xe0100) return IDEOGRAPH.test(base);
  if (code >= 0xfe0e) return EMOJI_BASE.test(base) || STANDARDIZED.test(base);
  return code <= 0xfe02 && STANDARDIZED.test(base);
}

/** VS1 to VS256 as 0 to 255: how the tools that hide text in them count. */
function byteOf(selector: string): number {
  const code = selector.codePointAt(0) ?? 0;
  return code >= 0xe0100 ? code - 0xe0100 + 16 : code - 0xfe00;
}
