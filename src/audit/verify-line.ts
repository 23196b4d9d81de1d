import { LONGEST_LINE, LONGEST_SIGNATURE } from './format.ts';
import { BadLine } from './verify-finding.ts';

export const LF = 0x0a;
const TAB = 0x09;
const CR = 0x0d;

/**
 * Splits a line without its LF into the signed JSON bytes and the CMS (DER).
 *
 * @throws BadLine with LINE_GRAMMAR or LINE_SIZE
 */
export function splitLine(line: Uint8Array): { json: Uint8Array; cms: Uint8Array } {
  if (line.length >= LONGEST_LINE) throw new BadLine('LINE_SIZE', `expected lines of at most ${LONGEST_LINE} bytes`);
  const buffer = Buffer.from(line.buffer, line.byteOffset, line.length); // searches natively
  const tab = buffer.indexOf(TAB);
  if (tab < 0) throw new BadLine('LINE_GRAMMAR', 'expected a TAB between the record and its signature');
  // CR is JSON white space, and an editor's CRLF would otherwise hide in it.
  if (buffer.includes(CR)) throw new BadLine('LINE_GRAMMAR', 'expected no carriage return');
  if (line.length - tab - 1 > LONGEST_SIGNATURE) {
    throw new BadLine('LINE_SIZE', `expected a signature of at most ${LONGEST_SIGNATURE} characters`);
  }
  const text = buffer.toString('latin1', tab + 1);
  const cms = Buffer.from(text, 'base64');
  // One spelling only: a decoder forgives stray characters, missing padding and set padding bits.
  if (text === '' || cms.toString('base64') !== text) {
    throw new BadLine('LINE_GRAMMAR', 'expected a signature in canonical base64 after one TAB');
  }
  return { json: line.subarray(0, tab), cms };
}

/**
 * Whether bytes without LF at the end of a log can be what an interrupted write of one line leaves: a beginning of
 * a record, then at most one whole signature. NUL bytes at the end are space that the file system had given already.
 */
export function isTornLine(tail: Uint8Array): boolean {
  let end = tail.length;
  while (end > 0 && tail[end - 1] === 0) end--;
  const bytes = tail.subarray(0, end);
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, START.length)).toString('latin1');
  if (!START.startsWith(start)) return false;
  const tab = bytes.indexOf(TAB);
  const json = tab < 0 ? bytes : bytes.subarray(0, tab);
  if (json.some((byte) => byte < 0x20)) return false;
  return tab < 0 || isSignatureStart(bytes.subarray(tab + 1));
}

const START = '{"v":1,"type":"';

function isSignatureStart(bytes: Uint8Array): boolean {
  if (bytes.length > LONGEST_SIGNATURE) return false;
  const text = Buffer.from(bytes).toString('latin1');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return false;
  // SEQUENCE, with a length of two bytes as every CMS of ours has: more base64 than that length asks for is no tail.
  const der = Buffer.from(text, 'base64');
  if (der.length < 4) return true;
  if (der[0] !== 0x30 || der[1] !== 0x82) return false;
  const length = 4 + der.readUInt16BE(2);
  return text.length <= Math.ceil(length / 3) * 4;
}
