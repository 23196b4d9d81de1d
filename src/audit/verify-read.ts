import { BadLine, type FindingCode } from './verify-finding.ts';
import { splitLine } from './verify-line.ts';
import { LogRecord } from './verify-record.ts';
import { cutSegment, type LogSource } from './verify-source.ts';

/** A line as it was read: a record that nobody vouches for, or why it is none. */
export interface ReadLine {
  segment: string;
  line: number;
  record?: LogRecord;
  bad?: { code: FindingCode; why: string };
}

/** Reads a log for people to look at, without believing it: no signature, digest or order is checked. */
export async function* readLog(source: LogSource): AsyncGenerator<ReadLine> {
  for (const segment of [...source.segments].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for await (const batch of cutSegment(segment)) {
      let start = 0;
      for (const [index, end] of batch.ends.entries()) {
        const place = { segment: batch.segment, line: batch.firstLine + index };
        yield { ...place, ...read(batch.bytes.subarray(start, end - 1)) };
        start = end;
      }
      if (batch.tail && batch.bytes.length > 0) {
        const bad = { code: 'TAIL' as const, why: `an incomplete last line of ${batch.bytes.length} bytes` };
        yield { segment: batch.segment, line: batch.firstLine, bad };
      }
    }
  }
}

function read(line: Uint8Array): Pick<ReadLine, 'record' | 'bad'> {
  try {
    return { record: new LogRecord(splitLine(line).json) };
  } catch (error) {
    if (error instanceof BadLine) return { bad: { code: error.code, why: error.message } };
    throw error;
  }
}
