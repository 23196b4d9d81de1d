import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { scan } from './scan.ts';
import { JsonDocument } from './value.ts';

/**
 * Checks that bytes are one exact JSON text (RFC 8259, held to I-JSON, RFC 7493) and indexes it in the same pass.
 * The document keeps a reference to the bytes: they must not change while it is used.
 *
 * @throws JsonError with a code and a byte offset
 */
export function parse(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): JsonDocument {
  return new JsonDocument(scan(bytes, limits));
}

/** The same check, for those who need no more than to know. */
export function check(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): void {
  scan(bytes, limits);
}
