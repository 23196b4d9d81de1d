import type { Finding } from '../finding.ts';

/** Longer than any address that is followed: bounds the look around each. */
const LONGEST = 2048;
const LOOK_BACK = 256;

/** What may begin an address; a browser reads `\` as `/` and takes one for two (WHATWG URL, "special authority slashes"). */
const SIGNS = ['://', ':\\', '](//', '="//', "='//"] as const;
const SCHEME = /(?:https?|ftp|wss?)$/i;
/** Up to where an address goes; gaps in braces, and as the value of a parameter in angle brackets, are part of it. */
const ADDRESS = /^(?:[^\s"'<>`\\^{|}\]!]|\](?!\()|!(?!\[)|\{\{?[^\s{}]{1,64}\}\}?|(?<==)<[\w .-]{1,40}>)*/;
/** After the last `<` before the address: what a client loads by itself. */
const LOADED =
  /^<(?:img|iframe|video|audio|source|script|embed|object|link|input|image)\b[^<>]{0,200}?(?:src|srcset|poster|href|data)\s{0,4}=\s{0,4}["']?$/i;
const STYLE = /url\(\s{0,4}["']?$/i;
/** `[name]: address`, which an image elsewhere in the text may refer to. */
const DEFINITION = /(?:^|\n)\s{0,3}\[[^[\]\n]{1,100}\]:\s{1,4}<?$/;

/** A gap that somebody, or a model, is to fill in: `?q={{history}}`, `?q=<data>`, `?d=$SECRET`, `?q=[SUMMARY]`. */
const GAP = /[{<[$][{<[(]?[A-Za-z_][\w .-]{1,40}[}>\])]?|(?:YOUR|DATA|SECRET|PAYLOAD|CONTENT|HISTORY|SUMMARY)(?:_|$)/;
/** A part of an address too long, and too even, to be words. */
const DATA = /[A-Za-z0-9+/_=-]{32,}|(?:%[0-9A-Fa-f]{2}){6,}/;
const WORDS = /^[a-z]{0,24}(?:[-_/+.][a-z0-9]{0,24})*$/i;
/** The hash of a revision of git, as change logs link to: alone it is a name. */
const REVISION = /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?:\.{2,3}[0-9a-f]{40})?$/;
/** A sentence, as it is written into a query. */
const SENTENCE = /[A-Za-z]{2,}(?:%20|\+)(?:[A-Za-z%\d,.']{1,24}(?:%20|\+)){3,}/;
const LONG_LABEL = /^[a-z0-9-]{30,63}\./i;

/** Links and images by how much they could carry out. A client loads an image without being asked, a link wants a click. */
export function findEgress(text: string): Finding[] {
  const found: Finding[] = [];
  const seen = new Set<number>();
  const images = text.includes('![');
  for (const sign of SIGNS) {
    let last = 0;
    for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, Math.max(at + sign.length, last))) {
      const start = startOf(text, at, sign);
      if (start === undefined || seen.has(start)) continue;
      seen.add(start);
      const finding = judge(text, start, sign === '://' || sign === ':\\' ? at + 1 : start, images);
      found.push(finding);
      // An address within an address goes nowhere by itself; looking at each again would be quadratic.
      last = finding.end;
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

function startOf(text: string, at: number, sign: string): number | undefined {
  if (sign !== '://' && sign !== ':\\') return at + 2;
  const scheme = SCHEME.exec(text.slice(Math.max(0, at - 6), at));
  return scheme ? at - scheme[0].length : undefined;
}

function judge(text: string, start: number, authority: number, images: boolean): Finding {
  let from = authority;
  while (from - authority < 4 && /[\\/]/.test(text.charAt(from))) from += 1;
  const matched = address(text.slice(from, from + LONGEST));
  const place = placeOf(text.slice(Math.max(0, start - LOOK_BACK), start), images);
  const carries = carried(matched, place === 'image');
  const kind = place === 'image' ? 'egress.image' : 'egress.link';
  const rule = `risk/egress/${place}-${carries}`;
  return { kind, start, end: from + matched.length, confidence: CONFIDENCE[place][carries], rule };
}

function address(rest: string): string {
  const matched = ADDRESS.exec(rest)?.[0] ?? '';
  // The bracket that closes markdown's link, and a sentence's point, are no part of the address.
  const close = matched.indexOf(')');
  const cut = close !== -1 && !matched.slice(0, close).includes('(') ? matched.slice(0, close) : matched;
  return cut.replace(/[.,;:!?]{1,3}$/, '');
}

type Place = 'image' | 'link' | 'bare';

/** What an address is for, by what stands before it. */
function placeOf(before: string, images: boolean): Place {
  const inMarkdown = before.replace(/[\s<]{1,5}$/, '');
  if (inMarkdown.endsWith('](')) return isImage(inMarkdown) ? 'image' : 'link';
  if (DEFINITION.test(before.slice(-120))) return images ? 'image' : 'link';
  if (STYLE.test(before.slice(-16)) || LOADED.test(before.slice(before.lastIndexOf('<')))) return 'image';
  return 'bare';
}

/** Whether the bracket that `](` closes is opened by `![`; brackets within a description may nest. */
function isImage(before: string): boolean {
  let open = 1;
  for (let at = before.length - 3; at >= 0; at--) {
    const char = before[at];
    if (char === ']') open += 1;
    else if (char === '[') open -= 1;
    if (open === 0) return before[at - 1] === '!';
  }
  return false;
}

type Carries = 'gap' | 'told' | 'data' | 'query' | 'plain';

const CONFIDENCE: Record<Place, Record<Carries, number>> = {
  image: { gap: 0.95, told: 0.9, data: 0.8, query: 0.5, plain: 0.3 },
  link: { gap: 0.7, told: 0.6, data: 0.5, query: 0.3, plain: 0.1 },
  bare: { gap: 0.5, told: 0.5, data: 0.4, query: 0.2, plain: 0.05 },
};

function carried(rest: string, image: boolean): Carries {
  const pathAt = rest.search(/[/?#]/);
  const host = pathAt === -1 ? rest : rest.slice(0, pathAt);
  const path = pathAt === -1 ? '' : rest.slice(pathAt);
  const queryAt = path.search(/[?#]/);
  const query = queryAt === -1 ? '' : path.slice(queryAt + 1);
  // In the path of a link a gap is how an interface is described: /repos/{owner}/{name}.
  if (GAP.test(image ? path : query)) return 'gap';
  const parts = [...path.split(/[/?#&=;]/), ...(LONG_LABEL.test(host) ? [host.replace(/\./g, '')] : [])];
  const carries = parts.some((part) => DATA.test(part) && !WORDS.test(part) && (image || !REVISION.test(part)));
  // Words and something random in one query: what was said, and who said it.
  if (carries) return SENTENCE.test(query) && /[A-Za-z0-9+/_=-]{24,}/.test(query) ? 'told' : 'data';
  return /=./.test(query) || query.length > 24 ? 'query' : 'plain';
}
