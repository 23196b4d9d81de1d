import { Agent } from 'node:http';
import type { Accounts } from './accounts.ts';
import { type Call, chatCall, modelsCall, send } from './calls.ts';
import type { GatewayProcess } from './gateway-process.ts';

const CLIENTS = 8;

/** Clients that call as fast as they are answered, with every kind of call, until they are told to stop or the gateway is killed. */
export class Load {
  /** Calls that failed while the gateway was not being killed. */
  readonly unanswered: string[] = [];
  private readonly gateway: GatewayProcess;
  private readonly accounts: Accounts;
  private readonly token: string;
  private readonly random: () => number;
  private readonly agent = new Agent({ keepAlive: true });
  private readonly clients: Promise<unknown>;
  private stopped = false;

  /** @param random numbers from 0 to 1, which choose what is called */
  constructor(gateway: GatewayProcess, accounts: Accounts, token: string, random: () => number) {
    this.gateway = gateway;
    this.accounts = accounts;
    this.token = token;
    this.random = random;
    this.clients = Promise.all(Array.from({ length: CLIENTS }, () => this.client()));
  }

  /** Resolves once no call is on its way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.clients;
    this.agent.destroy();
  }

  private async client(): Promise<void> {
    while (!this.stopped) {
      const call = this.nextCall();
      this.accounts.sent.set(call.id, call);
      const answer = await send(this.gateway.url, call, this.agent).catch(() => undefined);
      if (answer) this.accounts.answer(call, answer);
      const cut = !answer?.complete;
      if (cut && !this.gateway.killed) this.unanswered.push(`${call.method} ${call.path}`);
      if (cut) return;
    }
  }

  private nextCall(): Call {
    const { token } = this;
    const dialect = this.random() < 0.5 ? 'openai' : 'anthropic';
    const kind = this.random();
    if (kind < 0.35) return chatCall({ dialect, token });
    if (kind < 0.5) return chatCall({ dialect, token, stream: true });
    if (kind < 0.65) return chatCall({ dialect, token, bytes: 100_000 + Math.floor(this.random() * 400_000) });
    if (kind < 0.75) return chatCall({ dialect, token, route: '/blind', bytes: 30_000 });
    if (kind < 0.85) return chatCall({ dialect, token, model: 'a-model-that-is-not-allowed' });
    if (kind < 0.9) return chatCall({ dialect, token: 'no-token' });
    if (kind < 0.95) return modelsCall(token);
    return chatCall({ dialect, token, route: '/nowhere' });
  }
}

/** Mulberry32: small, and the same on every machine. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
