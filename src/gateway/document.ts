import { DEFAULT_LIMITS, type JsonDocument, parse } from '../json/index.ts';
import type { Gateway } from './gateway.ts';

/**
 * Values and keys in a body. All calls share one thread for this and one for policy: ten megabytes of keys would hold both
 * up for seconds, while a long conversation with a hundred tools has some ten thousand.
 */
const MOST_VALUES = 250_000;

/** Checks a body strictly. Throws JsonError. */
export const parseBody = ({ config }: Gateway, body: Uint8Array): JsonDocument =>
  parse(body, { ...DEFAULT_LIMITS, maxBytes: config.limits.body_bytes, maxValues: MOST_VALUES });
