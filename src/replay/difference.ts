import type { JsonValue } from '../json/index.ts';

const MOST = 20;

/** Says where two JSON values differ, one line per place, such as `reasons[0].code: "A" → "B"`; at most 20 lines. */
export function differences(recorded: JsonValue, replayed: JsonValue): string[] {
  const found: string[] = [];
  compare('', recorded, replayed, found);
  if (found.length > MOST) found.splice(MOST, found.length, `… and ${found.length - MOST} more`);
  // Equal in value and yet other bytes: white space, order of keys or the spelling of a number.
  return found.length > 0 ? found : ['the same values in other bytes'];
}

function compare(
  path: string,
  recorded: JsonValue | undefined,
  replayed: JsonValue | undefined,
  found: string[],
): void {
  if (recorded?.kind === 'object' && replayed?.kind === 'object') {
    const keys = new Set([...recorded.entries(), ...replayed.entries()].map(([key]) => key));
    for (const key of keys) compare(path ? `${path}.${key}` : key, recorded.get(key), replayed.get(key), found);
    return;
  }
  if (recorded?.kind === 'array' && replayed?.kind === 'array') {
    const [before, after] = [recorded.items(), replayed.items()];
    const length = Math.max(before.length, after.length);
    for (let i = 0; i < length; i++) compare(`${path}[${i}]`, before[i], after[i], found);
    return;
  }
  const [before, after] = [spell(recorded), spell(replayed)];
  if (before !== after) found.push(`${path || 'result'}: ${before} → ${after}`);
}

const spell = (value: JsonValue | undefined): string => (value ? JSON.stringify(value.value()) : 'nothing');
