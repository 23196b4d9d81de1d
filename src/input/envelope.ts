import type { InputBytes } from './document.ts';

/** Room before a body for the rest of its input document; a longer head is written elsewhere, with a copy of the body. */
const HEAD_BYTES = 4096;
/**
 * Above this the memory is a body's alone. Memory that threads share does not count in V8's decision when to collect
 * garbage, so there must not be much of it per call.
 */
const MOST_SHARED = 256 * 1024;
const CLOSING_BRACE = 0x7d;

/**
 * Memory that a body is read into, with room around it: the input document is then written around the body where it
 * lies, and other threads read it there. A body that is judged, recorded and forwarded is so copied once.
 */
export class Envelope {
  /** Where the body goes; whoever made the envelope writes every byte of it before handing it on. */
  readonly body: Uint8Array;
  private readonly roomy: boolean;
  private enclosed = false;

  constructor(bodyBytes: number) {
    this.roomy = bodyBytes <= MOST_SHARED;
    this.body = this.roomy
      ? Buffer.from(new SharedArrayBuffer(HEAD_BYTES + bodyBytes + 1), HEAD_BYTES, bodyBytes)
      : Buffer.allocUnsafeSlow(bodyBytes);
  }

  /** The head, the body and a closing brace as one text, made in place; undefined where there is no room for it. */
  enclose(head: string): InputBytes | undefined {
    const length = Buffer.byteLength(head);
    if (!this.roomy || this.enclosed || length > HEAD_BYTES) return undefined;
    this.enclosed = true; // a second head would change the bytes of the first document
    const { buffer, byteLength } = this.body;
    const document = Buffer.from(buffer, HEAD_BYTES - length, length + byteLength + 1);
    document.write(head);
    document[document.length - 1] = CLOSING_BRACE;
    return document;
  }
}
