const MOST = 64;
/** With a quote, an escape, a substitution or a pattern in it, a brace expansion is left to the run. */
const PLAIN = /^[^\\'"`$*?[\]~()<>]*$/;
const RANGE = /^(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.(-?\d{1,9}))?$/;

/** The words that `{a,b}` and `{1..3}` stand for; undefined where that is not plain, or too many. */
export function expandBraces(text: string): string[] | undefined {
  if (!PLAIN.test(text)) return undefined;
  return expand(text, 0);
}

function expand(text: string, depth: number): string[] | undefined {
  const group = findGroup(text);
  if (group === undefined) return [text];
  if (depth > 8) return undefined;
  const { start, end, items } = group;
  const rest = expand(text.slice(end + 1), depth + 1);
  const middle = items.length > 1 ? items.map((item) => expand(item, depth + 1)) : [range(items[0] ?? '')];
  const heads: string[] = [];
  for (const words of middle) {
    if (words === undefined || rest === undefined || (heads.length + words.length) * rest.length > MOST)
      return undefined;
    heads.push(...words);
  }
  return heads.flatMap((head) => (rest as string[]).map((end) => text.slice(0, start) + head + end));
}

/** The first group that is one: with a comma on its own level, or a range. */
function findGroup(text: string): { start: number; end: number; items: string[] } | undefined {
  for (
    let start = text.indexOf('{'), tries = 0;
    start >= 0 && tries < MOST;
    start = text.indexOf('{', start + 1), tries++
  ) {
    const items: string[] = [];
    let level = 0;
    let from = start + 1;
    for (let i = start; i < text.length; i++) {
      const char = text[i];
      if (char === '{') level++;
      if (char === ',' && level === 1) {
        items.push(text.slice(from, i));
        from = i + 1;
      }
      if (char === '}' && --level === 0) {
        items.push(text.slice(from, i));
        if (items.length > 1 || RANGE.test(items[0] ?? '')) return { start, end: i, items };
        break;
      }
    }
  }
  return undefined;
}

function range(text: string): string[] | undefined {
  const [, from = '', to = '', by = '1'] = RANGE.exec(text) ?? [];
  const numbers = /\d$/.test(from) && /\d$/.test(to);
  if (numbers !== (/\d$/.test(from) || /\d$/.test(to))) return undefined;
  const [first, last] = numbers ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)];
  const step = Math.max(1, Math.abs(Number(by)));
  if (Math.abs(last - first) / step >= MOST) return undefined;
  // Zeros in front and signs are the shell's own affair: seldom, and left to the run.
  if (numbers && /^-?0\d/.test(from.length > to.length ? from : to)) return undefined;
  const words: string[] = [];
  for (let i = 0; i <= Math.abs(last - first); i += step) {
    const at = first + (last < first ? -i : i);
    words.push(numbers ? String(at) : String.fromCharCode(at));
  }
  return words;
}
