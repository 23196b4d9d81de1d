import type { IncomingHttpHeaders } from 'node:http';
import type { Provider } from '../input/index.ts';

const HEADER: Record<Provider, string> = { openai: 'openai-beta', anthropic: 'anthropic-beta' };
const MOST = 64;

/**
 * The vendor's beta features that a request asks for in a header, which is forwarded: they change what a call does and
 * costs, so policy sees them. Undefined when there are more than anybody needs.
 */
export function readBetas(provider: Provider, headers: IncomingHttpHeaders): string[] | undefined {
  const value = headers[HEADER[provider]];
  if (value === undefined) return [];
  const betas = String(value)
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '');
  return betas.length <= MOST ? betas : undefined;
}
