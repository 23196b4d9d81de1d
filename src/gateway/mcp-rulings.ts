import type { Question, Reply, ReplyRuling } from '../mcp/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { Call } from './call.ts';
import type { Gateway } from './gateway.ts';
import { Judge } from './inspect.ts';
import { inSlices } from './mcp-slices.ts';
import type { McpServer } from './servers.ts';

const LIST_METHODS = {
  tools: 'tools/list',
  prompts: 'prompts/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
} as const;

/** An outcome has 256 KiB (src/audit/record.ts) and names all that was asked. */
const MOST_TOLD = 200_000;
/** Of a tool call in an outcome: its decision's id, and the names of the fields. */
const TOLD = 100;

/** What policy says of a server's replies: on each thing that it asks of its client, and on each that it lists. */
export class Rulings {
  /** Characters of the outcome that are taken. */
  private told = 0;
  private count = 0;
  private readonly judge: Judge;
  private readonly server: McpServer;
  private readonly isOver: () => boolean;
  /** By reply, the key of its first question. */
  private readonly firsts = new Map<number, number>();
  private readonly underWay = new Set<Promise<unknown>>();

  /** @param isOver whether the client has its answer: what would be decided then, the outcome could not tell of */
  constructor(gateway: Gateway, call: Call, server: McpServer, isOver: () => boolean) {
    this.judge = new Judge(gateway, call);
    this.server = server;
    this.isOver = isOver;
  }

  /** Whether the outcome has room for what a reply asks about; then that is taken. */
  take({ questions }: Reply): boolean {
    const names = questions.map((question) => (question.kind === 'ask' ? question.call.name : question.item.name));
    const length = names.reduce((sum, name) => sum + TOLD + JSON.stringify(name).length, 0);
    if (this.told + length > MOST_TOLD) return false;
    this.told += length;
    return true;
  }

  /** Whether little room is left. */
  get isTired(): boolean {
    return this.told > MOST_TOLD / 2;
  }

  /** One ruling for each question of the reply; undefined if nobody waits for them any more. */
  rule(key: number, reply: Reply): Promise<Map<number, ReplyRuling> | undefined> {
    const rulings = this.decide(key, reply);
    this.underWay.add(rulings);
    void rulings.finally(() => this.underWay.delete(rulings));
    return rulings;
  }

  /** Notes what the client gets. */
  released(key: number, questions: readonly number[]): void {
    const first = this.firsts.get(key) ?? 0;
    this.judge.released(questions.map((question) => first + question));
  }

  /** Every ruling that was begun is there, and recorded. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
    await this.judge.settled();
  }

  private async decide(key: number, { questions }: Reply): Promise<Map<number, ReplyRuling> | undefined> {
    const first = this.count;
    this.firsts.set(key, first);
    this.count += questions.length;
    const rulings = await inSlices(questions, this.isOver, async (question): Promise<[number, ReplyRuling]> => {
      const { call, sha256 } = this.callOf(question);
      return [question.key, await this.judge.rule({ key: first + question.key, calls: [call] }, sha256)];
    });
    return rulings && new Map(rulings);
  }

  private callOf(question: Question): { call: ToolCall; sha256: string | null } {
    if (question.kind === 'ask') return { call: question.call, sha256: null };
    const { list, name, sha256 } = question.item;
    if (list === 'tools') this.server.remember(question.item);
    const call: ToolCall = {
      ...{ name, type: LIST_METHODS[list], origin: 'mcp', server: this.server.name },
      ...{ id: null, arguments: undefined },
    };
    return { call, sha256 };
  }
}
