import type { IncomingHttpHeaders } from 'node:http';
import type { CommittedAllow } from '../audit/index.ts';
import type { Message, ProtocolVersion } from '../mcp/index.ts';
import type { McpServer } from './servers.ts';

/** One exchange with a server: what goes to it, and the proofs that it may. */
export interface McpVisit {
  server: McpServer;
  version: ProtocolVersion;
  /** The client's, end to end, with the server's own session id. */
  headers: IncomingHttpHeaders;
  /** Undefined for a GET or DELETE, which carry none. */
  messages: (Message | undefined)[];
  allows: CommittedAllow[];
  /** Its answer is a stream that stays open, silent for as long as nothing happens. */
  lasting: boolean;
}
