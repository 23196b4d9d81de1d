import { JsonError, type JsonValue, parse } from '../json/index.ts';
import type { ReplyRuling } from '../mcp/index.ts';
import type { ToolCall } from '../tool/index.ts';
import { NoAnswer, post, type Question } from './hook-gateway.ts';
import { printable } from './print.ts';

/** One call that policy is asked about, with what it is judged by beside itself. */
export interface Asked {
  call: ToolCall;
  /** How the server described the tool last. */
  description?: string | undefined;
  retry?: boolean;
}

/** Of one question to the gateway; its answer must stay within what is read. */
const MOST_CALLS = 200;

/** Asks the gateway what may pass. Where it gives no answer, nothing may. */
export class McpJudge {
  private readonly server: string;
  private readonly gateway: Pick<Question, 'url' | 'token' | 'ca'>;
  private readonly timeoutMs: number;
  private readonly approvals: () => string | undefined;
  private readonly note: (text: string) => void;

  constructor(
    server: string,
    gateway: Pick<Question, 'url' | 'token' | 'ca'>,
    options: { timeoutMs: number; approvals: () => string | undefined; note: (text: string) => void },
  ) {
    this.server = server;
    this.gateway = gateway;
    this.timeoutMs = options.timeoutMs;
    this.approvals = options.approvals;
    this.note = options.note;
  }

  /** One ruling for each, in their order. Never rejects. */
  async rule(asked: readonly Asked[]): Promise<ReplyRuling[]> {
    const rulings: ReplyRuling[] = [];
    for (let at = 0; at < asked.length; at += MOST_CALLS) {
      rulings.push(...(await this.ask(asked.slice(at, at + MOST_CALLS))));
    }
    return rulings;
  }

  private async ask(asked: readonly Asked[]): Promise<ReplyRuling[]> {
    try {
      const payload = payloadOf(this.server, asked);
      const question = { ...this.gateway, payload, approvals: this.approvals() };
      const { body } = await post({ ...question, signal: AbortSignal.timeout(this.timeoutMs) });
      return readRulings(body, asked.length);
    } catch (error) {
      const message = error instanceof NoAnswer ? error.message : `unexpected failure (${nameOf(error)})`;
      this.note(message);
      const refusal = { status: 503, code: 'GATEWAY_UNAVAILABLE', message, decisionId: null };
      return asked.map(() => ({ release: false, refusal }));
    }
  }
}

/** The arguments' bytes are those that were sent. */
function payloadOf(server: string, asked: readonly Asked[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`{"server":${JSON.stringify(server)},"calls":[`)];
  for (const [index, { call, description = null, retry = false }] of asked.entries()) {
    const { name, type, id } = call;
    const fields = JSON.stringify({ name, type, id, description_sha256: description, retry });
    parts.push(Buffer.from(`${index === 0 ? '' : ','}${fields.slice(0, -1)},"arguments":`));
    parts.push(call.arguments?.raw() ?? Buffer.from('null'), Buffer.from('}'));
  }
  return Buffer.concat([...parts, Buffer.from(']}')]);
}

function readRulings(body: Uint8Array, count: number): ReplyRuling[] {
  try {
    const rulings = parse(body).get('rulings')?.items() ?? [];
    if (rulings.length === count) return rulings.map(readRuling);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new NoAnswer('what answered is no Verdict gateway');
}

function readRuling(ruling: JsonValue): ReplyRuling {
  const effect = ruling.get('effect')?.string();
  if (effect === 'allow') return { release: true };
  const said = (key: string): string => printable(ruling.get(key)?.string() ?? '');
  const status = ruling.get('status')?.number();
  if (effect !== 'deny' || status === undefined) throw new NoAnswer('what answered is no Verdict gateway');
  return {
    release: false,
    refusal: { status, code: said('code'), message: said('message'), decisionId: said('decision_id') },
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
