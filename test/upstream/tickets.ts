import { setTimeout as sleep } from 'node:timers/promises';
import { fromJsonSchema, inputRequired, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';

/** What a tool's handler says of the call. */
export interface Served {
  /** Names of the tools that were really run, with their arguments. */
  calls: { name: string; args: unknown }[];
  /** Text of one tool's description: a server may change it. */
  description?: string;
}

const TEXT = { type: 'string' } as const;
const ANSWER = { type: 'object', properties: { reason: TEXT } } as const;
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

/** The ticket system of the example policies, made of the official SDK: whatever it is asked, it does. */
export function createTickets(served: Served): McpServer {
  const server = new McpServer(
    { name: 'tickets', version: '1' },
    { capabilities: { logging: {}, resources: { subscribe: true } } },
  );
  const tool = (name: string, description: string, key: string) => {
    const inputSchema = fromJsonSchema<Record<string, string>>({
      type: 'object',
      properties: { [key]: TEXT },
      required: [key],
    });
    server.registerTool(name, { description, inputSchema }, async (args, ctx) => {
      served.calls.push({ name, args });
      const asked = args[key];
      if (ctx.mcpReq.inputResponses) return said(`answered ${JSON.stringify(ctx.mcpReq.inputResponses)}`);
      if (asked === 'ask the user') {
        const requestedSchema = fromJsonSchema(ANSWER);
        return inputRequired({ inputRequests: { why: inputRequired.elicit({ message: 'Why?', requestedSchema }) } });
      }
      if (asked === 'ask the model') {
        const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'planted-prompt' } }];
        return inputRequired({ inputRequests: { text: inputRequired.createMessage({ messages, maxTokens: 5 }) } });
      }
      if (asked === 'hang up') {
        ctx.http?.closeSSE?.();
        await sleep(100);
      }
      return said(`${name} ${asked?.length}`);
    });
  };
  tool('search_tickets', served.description ?? 'Searches tickets.', 'words');
  tool('get_ticket', 'One ticket.', 'id');
  tool('comment_on_ticket', 'Adds a comment.', 'text');
  tool('delete_ticket', 'Deletes a ticket.', 'id');
  server.server.setRequestHandler('resources/subscribe', async () => ({}));
  server.registerResource('ticket', 'tickets://17', {}, async ({ href }) => ({
    contents: [{ uri: href, text: 'seventeen' }],
  }));
  server.registerResource('any', new ResourceTemplate('tickets://{id}', { list: undefined }), {}, async ({ href }) => ({
    contents: [{ uri: href, text: 'any' }],
  }));
  server.registerPrompt('triage', { description: 'Sorts tickets.' }, async () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'Sort them.' } }],
  }));
  return server;
}
