/** A piece of what a server sends, with its exact bytes. */
export interface Piece {
  bytes: Uint8Array;
  /** The JSON in it; undefined if it has none, and so means nothing to the client. */
  data: Uint8Array | undefined;
}

/** How messages are told apart on their way from a server: events of a stream, or lines. */
export interface Framing {
  /**
   * The pieces that are complete now, in order, to be taken to the last.
   * @throws McpError, after those before, when the stream cannot be followed any further
   */
  feed(chunk: Uint8Array): Iterable<Piece>;
  /** Bytes of a piece that is not complete. At the end of the stream they are none: clients discard them too. */
  readonly heldBytes: number;
  /** A piece with other data; null: with none. */
  rewrite(piece: Uint8Array, data: string | null): Uint8Array;
  /** A piece of our own. */
  frame(data: string): Uint8Array;
  /** Whether a piece that is no message is left out rather than ending it all. */
  readonly skipsInvalid: boolean;
}
