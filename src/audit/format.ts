/** Constants of format version 1; FORMAT.md says what they mean. */

/** `prev` of the first record. */
export const NO_LINE = '0'.repeat(64);
/** Longest line with its LF, in bytes. */
export const LONGEST_LINE = 64 * 1024 * 1024;
/** Longest base64 of a signature, in bytes. */
export const LONGEST_SIGNATURE = 16 * 1024;
/** Longest text in a field of a record, in UTF-16 code units; the log clips what is longer. */
export const LONGEST_TEXT = 4096;

const SEGMENT = /^[0-9]{16}\.log$/;
const SEQ_DIGITS = 16;

/** Name of the segment that begins with this record. */
export const segmentName = (seq: number): string => `${String(seq).padStart(SEQ_DIGITS, '0')}.log`;

export const isSegmentName = (name: string): boolean => SEGMENT.test(name);

/** Sequence number of a segment's first record. */
export const firstSeq = (name: string): number => Number(name.slice(0, SEQ_DIGITS));
