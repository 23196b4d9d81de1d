import { connect, type Socket } from 'node:net';

/** One response as its bytes say it. */
export interface Answer {
  status: number;
  /** Names in lower case; several of one name are joined by a comma. */
  headers: Map<string, string>;
  body: Buffer;
}

const PATIENCE_MS = 15_000;

/** A client's end of one connection, on which a test sends exactly the bytes that it wants. */
export class Wire {
  private readonly socket: Socket;
  /** What came and was not taken yet is `memory` from `start` to `end`; it doubles when full, for streams of many megabytes. */
  private memory = Buffer.alloc(64 * 1024);
  private start = 0;
  private end = 0;
  private ended = false;
  private wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.keep(chunk);
      this.wake?.();
    });
    socket.on('error', () => {}); // a reset shows as `ended`, and as what did not come
    socket.on('end', () => this.wake?.());
    socket.on('close', () => {
      this.ended = true;
      this.wake?.();
    });
  }

  static open(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      socket.once('error', reject).once('connect', () => resolve(new Wire(socket)));
    });
  }

  /** Texts are sent as Latin-1: each character is one byte. Resolves when the kernel has taken them. */
  async send(...parts: (string | Uint8Array)[]): Promise<void> {
    const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
    await new Promise<void>((resolve) => {
      this.socket.once('close', resolve);
      this.socket.write(bytes, () => {
        this.socket.off('close', resolve);
        resolve();
      });
    });
  }

  /** The next response, interim ones (1xx) too. Rejects when the connection ends before it is whole. */
  async answer({ head = false } = {}): Promise<Answer> {
    const end = await this.until(() => {
      const at = this.received.indexOf('\r\n\r\n');
      return at < 0 ? undefined : at + 4;
    });
    const [line = '', ...fields] = this.take(end).toString('latin1').split('\r\n');
    const [, code] = /^HTTP\/1\.1 (\d{3}) /.exec(line) ?? [];
    if (code === undefined) throw new Error(`expected a status line, got ${JSON.stringify(line)}`);
    const headers = readHeaders(fields);
    const status = Number(code);
    const bodiless = head || status < 200 || status === 204 || status === 304;
    return { status, headers, body: bodiless ? Buffer.alloc(0) : await this.body(headers) };
  }

  /** All that comes until the gateway ends the connection. */
  async rest(): Promise<Buffer> {
    await this.until(() => (this.ended || this.socket.readableEnded ? 0 : undefined));
    return this.take(this.received.length);
  }

  /** At least so many bytes more than were taken, without taking them. */
  async peek(bytes: number): Promise<Buffer> {
    await this.until(() => (this.received.length >= bytes ? 0 : undefined));
    return Buffer.from(this.received);
  }

  /** Waits until this text has come; takes nothing. */
  async sees(text: string): Promise<void> {
    await this.until(() => (this.received.includes(text) ? 0 : undefined));
  }

  /** Stops reading, so that the kernel's buffers fill up. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Goes away as a client that was killed does. */
  destroy(): void {
    this.socket.destroy();
  }

  private async body(headers: Map<string, string>): Promise<Buffer> {
    if (headers.get('transfer-encoding') === 'chunked') return this.chunks();
    const length = headers.get('content-length');
    if (length === undefined) return this.rest();
    await this.until(() => (this.received.length >= Number(length) ? 0 : undefined));
    return this.take(Number(length));
  }

  private async chunks(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (;;) {
      const end = await this.until(() => {
        const at = this.received.indexOf('\r\n');
        return at < 0 ? undefined : at + 2;
      });
      const size = Number.parseInt(this.take(end).toString('latin1'), 16);
      await this.until(() => (this.received.length >= size + 2 ? 0 : undefined));
      const part = this.take(size + 2).subarray(0, size);
      if (size === 0) return Buffer.concat(parts);
      parts.push(part);
    }
  }

  private get received(): Buffer {
    return this.memory.subarray(this.start, this.end);
  }

  private keep(chunk: Buffer): void {
    if (this.end + chunk.length > this.memory.length) {
      const held = this.received;
      this.memory = Buffer.alloc(2 * (held.length + chunk.length));
      held.copy(this.memory);
      [this.start, this.end] = [0, held.length];
    }
    chunk.copy(this.memory, this.end);
    this.end += chunk.length;
  }

  private take(bytes: number): Buffer {
    const taken = Buffer.from(this.received.subarray(0, bytes));
    this.start += taken.length;
    return taken;
  }

  /** Waits until `look` gives a number. */
  private async until(look: () => number | undefined): Promise<number> {
    const late = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.ended || this.socket.readableEnded) {
        throw new Error(`the connection ended after ${JSON.stringify(this.received.toString('latin1').slice(0, 200))}`);
      }
      if (Date.now() > late) throw new Error(`nothing more came after ${this.received.length} bytes`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function readHeaders(lines: string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return headers;
}

/** A request's bytes from its lines; the empty line and the body follow. */
export function request(lines: readonly string[], body: string | Uint8Array = ''): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}
