import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Responses under way on a connection: the one whose turn it is, and those of pipelined requests behind it. */
const underWay = new WeakMap<Duplex, Set<ServerResponse>>();

/**
 * Sees to it that a response learns of its connection's end. A CONNECT has node forget the responses that wait for their turn:
 * their calls would wait for ever, hold their room, and keep the gateway from stopping. A client could take up all room so.
 */
export function closeWithConnection({ socket }: IncomingMessage, res: ServerResponse): void {
  const responses = underWay.get(socket) ?? follow(socket);
  responses.add(res);
  res.once('close', () => responses.delete(res));
}

function follow(socket: Duplex): Set<ServerResponse> {
  const responses = new Set<ServerResponse>();
  underWay.set(socket, responses);
  socket.once('close', () => {
    for (const res of responses) {
      if (res.socket || res.destroyed) continue; // node tells it
      res.destroy();
      res.emit('close');
    }
  });
  return responses;
}
