import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createTickets } from './tickets.ts';

// An MCP server as desktop agents run it: on standard input and output.

process.stderr.write('tickets are served\n');
const description = process.env.TICKETS_DESCRIPTION;
serveStdio(() => createTickets({ calls: [], ...(description && { description }) }));
