import { McpError } from './error.ts';

/**
 * The revisions of the protocol that are understood, newest first. 2024-11-05 knows no Streamable HTTP, but desktop
 * servers on stdio still speak it, and its messages are those of 2025-03-26.
 */
export const PROTOCOL_VERSIONS = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number];

/** What a request without the header speaks (2025-06-18, Streamable HTTP, Protocol Version Header). */
export const UNSTATED_VERSION: ProtocolVersion = '2025-03-26';

/** The only revision that has batches. */
export const BATCH_VERSION: ProtocolVersion = '2025-03-26';

/** Modern revisions say version, identity and capabilities in every request; legacy ones open a session with `initialize`. */
export function isModern(version: ProtocolVersion): boolean {
  return version === '2026-07-28';
}

/** @throws McpError VERSION_UNSUPPORTED */
export function readVersion(text: string): ProtocolVersion {
  const version = PROTOCOL_VERSIONS.find((known) => known === text);
  if (version === undefined) throw McpError.version(text);
  return version;
}
