import { Client } from '@modelcontextprotocol/client';
import { MCP_KEY, type McpUpstream } from '../upstream/mcp.ts';
import type { StandOptions } from './harness.ts';

export type Era = 'legacy' | 'modern';

const MODERN = { versionNegotiation: { mode: { pin: '2026-07-28' } } } as const;

/** A route to the ticket system, and one that observes only. */
export const TICKETS = {
  id: 'tickets',
  kind: 'mcp',
  server: 'tickets',
  match: { path: '/mcp/tickets' },
  policy: 'tickets',
};
export const OBSERVED = { ...TICKETS, id: 'observed', match: { path: '/mcp/observed' }, mode: 'shadow' };

/** How the gateway reaches it. */
export const reaching = (upstream: McpUpstream): Pick<StandOptions, 'mcpServers' | 'env'> => ({
  mcpServers: { tickets: { url: `${upstream.url}/mcp`, key: { env: 'E2E_TICKETS_KEY' } } },
  env: { E2E_TICKETS_KEY: MCP_KEY },
});

/** A client of the official SDK that says yes to what it is asked, and the methods that it was asked for. */
export function makeClient(era: Era): { client: Client; asked: string[] } {
  const asked: string[] = [];
  const client = new Client(
    { name: 'agent', version: '1' },
    { capabilities: { elicitation: {}, sampling: {} }, ...(era === 'modern' && MODERN) },
  );
  client.setRequestHandler('elicitation/create', async () => {
    asked.push('elicitation/create');
    return { action: 'accept', content: { reason: 'because' } };
  });
  client.setRequestHandler('sampling/createMessage', async () => {
    asked.push('sampling/createMessage');
    return { role: 'assistant', model: 'm', content: { type: 'text', text: 'sampled' } };
  });
  return { client, asked };
}
