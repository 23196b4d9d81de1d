import type { JsonValue } from '../json/index.ts';
import { bareUrlOf, urlOf } from './destination.ts';
import type { Ledger } from './ledger.ts';
import { asString, Unexpected } from './members.ts';
import { type Ground, locate } from './place.ts';

/** Tools that must have an address, by `keyOf` of their names. */
const FETCHERS = new Set(
  'webfetch fetch fetchurl fetchwebpage readurl readurlcontent openurl browsernavigate navigate navigatepage'.split(
    ' ',
  ),
);
const ADDRESSES =
  /^(url|urls|uri|uris|endpoint|endpoints|href|base_?url|webhook_?url|callback_?url|image_?url|repo_?url|target_?url)$/i;
const MOST_ADDRESSES = 1_000;

/** The addresses that a tool's arguments name, whatever the tool. @throws Unexpected, Overflow */
export function networkTool(key: string, value: JsonValue, ledger: Ledger, ground: Ground): void {
  const isFetcher = FETCHERS.has(key);
  let found = 0;
  for (const [name, member] of value.entries()) {
    if (!ADDRESSES.test(name)) continue;
    for (const item of member.kind === 'array' ? member.items() : [member]) {
      const text = item.kind === 'string' || isFetcher ? asString(item) : '';
      if (addAddress(text, isFetcher, ledger, ground)) found++;
    }
  }
  if (!isFetcher) return;
  // Gemini's takes its addresses from the text of the prompt.
  const prompt = value.get('prompt')?.string() ?? '';
  for (const [text] of prompt.matchAll(/\b(?:https?|file|ftp):\/\/[^\s<>"'`]+/gi)) {
    if (addAddress(withoutStop(text), true, ledger, ground) && ++found > MOST_ADDRESSES) break;
  }
  if (found === 0) throw new Unexpected();
}

function addAddress(text: string, isBare: boolean, ledger: Ledger, ground: Ground): boolean {
  const named = urlOf(text) ?? (isBare ? bareUrlOf(text) : undefined);
  if (named?.kind === 'network') ledger.add({ ...named });
  if (named?.kind === 'file') ledger.add({ kind: 'file', access: 'read', ...locate(named.path, false, ground) });
  return named !== undefined;
}

/** Without the punctuation of the sentence that an address stands in. */
function withoutStop(text: string): string {
  let end = text.length;
  while (end > 0 && ').,;:!?]'.includes(text[end - 1] as string)) end--;
  return text.slice(0, end);
}
