import { check, JsonDocument } from '../json/index.ts';
import type { Call, InputBytes, InputFields, ToolFields } from './document.ts';
import type { Envelope } from './envelope.ts';
import { InputError } from './error.ts';

const VERSION = 1;
const DOCUMENT_LIMITS = { maxBytes: Number.MAX_SAFE_INTEGER, maxDepth: 128, refuseCaseCollisions: false };
const CLOSING_BRACE = 0x7d;

/**
 * Writes the input document of `input.schema.json`: one line of JSON, in that order of fields. The caller's body, or a tool
 * call's arguments, goes in as its own bytes, but for the TABs, LFs and CRs between its tokens, which become spaces: a record is one line. The
 * bytes returned are what is evaluated, hashed and stored.
 *
 * @param envelope where the body lies; without line breaks or space around it, it stays there
 * @throws InputError INPUT_INVALID if a field holds what JSON cannot carry
 */
export function marshalInput(fields: InputFields, envelope?: Envelope): InputBytes {
  const { body, tool } = fields;
  const head = marshalHead(fields);
  if (tool?.arguments instanceof JsonDocument) return splice(`${head.slice(0, -2)},"arguments":`, tool.arguments, 2);
  if (!(body instanceof JsonDocument)) return encode(head, 0);
  const open = `${head.slice(0, -1)},"body":`;
  if (envelope && !body.hasLineBreaks && body.end - body.start === envelope.body.length) {
    const enclosed = envelope.enclose(open);
    if (enclosed) return enclosed;
  }
  return splice(open, body, 1);
}

/** The head, the value's own bytes, and so many closing braces. */
function splice(head: string, value: JsonDocument, braces: number): InputBytes {
  const raw = value.raw();
  const bytes = encode(head, raw.length + braces);
  const at = bytes.length - raw.length - braces;
  bytes.set(raw, at);
  bytes.fill(CLOSING_BRACE, bytes.length - braces);
  if (value.hasLineBreaks) blankLineBreaks(bytes, at);
  return bytes;
}

/**
 * The same document without any text: `call` is the same call read with digests, and the SHA-256 of the body (hex, of
 * its bytes as received) stands for the body. Where policy gets no text, or the log keeps none.
 *
 * @throws InputError INPUT_DIGEST_MISSING if the call has messages or tools without their digests
 */
export function withoutText(fields: InputFields, call: Call | null, bodySha256: string): InputFields {
  for (const part of [...(call?.messages ?? []), ...(call?.tools ?? [])]) {
    if (part.sha256 === undefined) throw new InputError('INPUT_DIGEST_MISSING', 'expected a call read with digests');
  }
  return { ...fields, call, masked: undefined, body: { sha256: bodySha256 } };
}

/**
 * The same document of a tool call without its text: the SHA-256 (hex) of its arguments stands for them, and what they would
 * do is left out.
 */
export function withoutArguments(fields: InputFields, argumentsSha256: string | null): InputFields {
  const { tool } = fields;
  if (!tool) return fields;
  return {
    ...fields,
    masked: undefined,
    tool: { ...tool, actions: [], arguments: argumentsSha256 === null ? null : { sha256: argumentsSha256 } },
  };
}

/** The document but for a spliced body or arguments. */
function marshalHead(fields: InputFields): string {
  const { phase, route, http, subject, app, call, labels, masked, approval, body, tool } = fields;
  // JSON.stringify leaves out what is undefined.
  const about = { v: VERSION, phase, time: formatTime(fields.time), route, http, subject, app, call };
  const head = { ...about, labels, masked, approval };
  let text: string;
  if (tool) text = JSON.stringify({ ...head, tool: toolHead(tool) });
  else if (body && !(body instanceof JsonDocument)) text = JSON.stringify({ ...head, body_sha256: body.sha256 });
  else text = JSON.stringify(head);
  if (text.includes('\\ud')) refuseLoneSurrogates(text);
  return text;
}

/** The tool but for spliced arguments, which come last. */
function toolHead({ arguments: args, ...tool }: ToolFields): object {
  if (args instanceof JsonDocument) return tool;
  return args ? { ...tool, arguments_sha256: args.sha256 } : { ...tool, arguments: null };
}

/** JSON.stringify writes a lone surrogate (a token's claim may hold one) as \udXXX, which readers take in different ways. */
function refuseLoneSurrogates(text: string): void {
  try {
    check(Buffer.from(text), DOCUMENT_LIMITS);
  } catch {
    throw new InputError('INPUT_INVALID', 'expected well-formed Unicode in every field');
  }
}

/** RFC 3339 in UTC with exactly three decimals. */
function formatTime(time: Date | string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new InputError('INPUT_INVALID', 'expected a time');
  return date.toISOString();
}

/** The bytes of `text`, then `room` bytes for the caller to fill, in memory of exactly that size. */
function encode(text: string, room: number): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text) + room);
  bytes.write(text);
  return new Uint8Array(bytes.buffer);
}

/**
 * Inside strings these three are always escaped, so every one in a checked text stands between tokens. Four bytes at a
 * time: (x - n) & ~x has a byte's top bit set if that byte is below n, and below a space there are only these.
 */
function blankLineBreaks(bytes: Uint8Array<ArrayBuffer>, from: number): void {
  const words = new Int32Array(bytes.buffer, 0, bytes.length >> 2);
  for (let word = from >> 2; word < words.length; word++) {
    const x = words[word] as number;
    if (((x - 0x20202020) & ~x & 0x80808080) !== 0) blank(bytes, word * 4);
  }
  blank(bytes, words.length * 4);
}

function blank(bytes: InputBytes, from: number): void {
  const end = Math.min(from + 4, bytes.length);
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x0a || byte === 0x0d || byte === 0x09) bytes[at] = 0x20;
  }
}
