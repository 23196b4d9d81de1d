import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Subject } from '../input/index.ts';
import { McpError } from '../mcp/index.ts';

const HEADER = 'mcp-session-id';
const SEAL_BYTES = 32;
const SEAL = /^(.+)\.([A-Za-z0-9_-]{43})$/;

/**
 * Binds a server's sessions to who began them. To the server all callers are one, the gateway's own account; so towards
 * clients a session's id is `ID.SEAL`, and holds for that subject at that server only.
 */
export class Sessions {
  private readonly key: Uint8Array;
  private readonly server: string;

  /** @param key the same for all replicas, where sessions are to outlive this one */
  constructor(key: Uint8Array, server: string) {
    this.key = key;
    this.server = server;
  }

  /** A server's response headers as the subject gets them. */
  seal(headers: Record<string, string>, subject: Subject): Record<string, string> {
    const id = headers[HEADER];
    if (id === undefined) return headers;
    return { ...headers, [HEADER]: `${id}.${this.sealOf(id, subject).toString('base64url')}` };
  }

  /**
   * A client's request headers as the server gets them.
   * @throws McpError SESSION_UNKNOWN: somebody else's, or of no gateway with this key
   */
  open(headers: IncomingHttpHeaders, subject: Subject): IncomingHttpHeaders {
    const sealed = headers[HEADER];
    if (sealed === undefined) return headers;
    const [, id, seal] = (typeof sealed === 'string' && SEAL.exec(sealed)) || [];
    const given = Buffer.from(seal ?? '', 'base64url');
    if (!id || given.length !== SEAL_BYTES || !timingSafeEqual(given, this.sealOf(id, subject))) {
      throw new McpError('SESSION_UNKNOWN', 'the id of a session that the caller began here');
    }
    return { ...headers, [HEADER]: id };
  }

  /** As JSON, so that no two lists of texts make one. */
  private sealOf(id: string, { id: subject, issuer }: Subject): Buffer {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([this.server, issuer, subject, id]))
      .digest();
  }
}
