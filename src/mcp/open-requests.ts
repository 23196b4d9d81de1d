import type { JsonValue } from '../json/index.ts';
import { McpError } from './error.ts';
import { type Id, idKey, type Message } from './message.ts';

const MOST_REQUESTS = 10_000;

/** The requests of a client that wait for their response: what a response is, only its request tells. */
export class OpenRequests {
  private readonly requests = new Map<string, { id: Id; method: string }>();

  /**
   * Takes note of what goes to the server. A request that is cancelled is open no more: it may never be answered.
   * @throws McpError ID_DUPLICATE (a response could answer either), REQUESTS_TOO_MANY
   */
  add(message: Message): void {
    if (message.kind === 'notification' && message.method === 'notifications/cancelled') this.cancel(message.params);
    if (message.kind !== 'request') return;
    const key = idKey(message.id);
    if (this.requests.has(key)) throw new McpError('ID_DUPLICATE', 'an id that no open request has');
    if (this.requests.size >= MOST_REQUESTS)
      throw new McpError('REQUESTS_TOO_MANY', `at most ${MOST_REQUESTS} at once`);
    this.requests.set(key, { id: message.id, method: message.method });
  }

  methodOf(id: Id): string | undefined {
    return this.requests.get(idKey(id))?.method;
  }

  close(id: Id): void {
    this.requests.delete(idKey(id));
  }

  /** Those still open, oldest first. */
  ids(): Id[] {
    return [...this.requests.values()].map(({ id }) => id);
  }

  private cancel(params: JsonValue | undefined): void {
    const id = params?.get('requestId');
    const value = id?.string() ?? id?.number();
    if (value !== undefined) this.close(value);
  }
}
