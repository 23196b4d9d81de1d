import { cutSegment, type LogSource } from './verify-source.ts';

/** How two copies of a log relate. `common` is the number of lines, from the first, that are the same in both. */
export interface Comparison {
  common: number;
  /** same, or the one is a beginning of the other, or they part ways after the common lines. */
  relation: 'same' | 'first_shorter' | 'second_shorter' | 'parted';
}

/**
 * Compares two logs of one id, line by line. Each may verify by itself: only together do they show that whoever holds
 * the key wrote two histories. Incomplete last lines are left out.
 */
export async function compareLogs(first: LogSource, second: LogSource): Promise<Comparison> {
  const a = lines(first);
  const b = lines(second);
  try {
    for (let common = 0; ; common++) {
      const [left, right] = [await a.next(), await b.next()];
      if (left.done && right.done) return { common, relation: 'same' };
      if (left.done) return { common, relation: 'first_shorter' };
      if (right.done) return { common, relation: 'second_shorter' };
      if (Buffer.compare(left.value, right.value) !== 0) return { common, relation: 'parted' };
    }
  } finally {
    await Promise.all([a.return(undefined), b.return(undefined)]);
  }
}

async function* lines(source: LogSource): AsyncGenerator<Uint8Array, undefined> {
  for (const segment of [...source.segments].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for await (const batch of cutSegment(segment)) {
      let start = 0;
      for (const end of batch.ends) {
        yield batch.bytes.subarray(start, end);
        start = end;
      }
    }
  }
}
