import { DEFAULT_LIMITS, type JsonDocument, JsonError, parse } from '../json/index.ts';
import { McpError } from './error.ts';
import { requireOneLine } from './lines.ts';
import { type Message, parseMessages } from './message.ts';
import { partOf } from './part.ts';
import type { Question, ReplyContext, ReplyRuling } from './question.ts';
import type { McpRefusal } from './refusal.ts';
import { applyEdits, type Edit, withoutItems } from './splice.ts';
import { BATCH_VERSION } from './version.ts';

export interface Rendered {
  /** For the client; null if nothing is left of it. */
  body: Uint8Array | null;
  /** Whether that is the text as it came. */
  unchanged: boolean;
  /** For the server, each a message: the errors that its refused requests are answered with. */
  answers: string[];
  /** Keys of the questions whose object the client gets. */
  released: number[];
}

/** A text of a server, read. */
export interface Reply {
  readonly messages: readonly Message[];
  readonly questions: readonly Question[];
  /** Whether something is changed even if all questions are answered with release. */
  readonly altered: boolean;
  /**
   * What the client gets. Every byte that no ruling touches stays as it came.
   * @param rulings one for each question: a missing one throws
   */
  render(rulings: ReadonlyMap<number, ReplyRuling>): Rendered;
}

/** @throws McpError REPLY_INVALID, REPLY_TOO_LARGE: it cannot be followed, and nothing of it may be released */
export function openReply(text: Uint8Array, context: ReplyContext): Reply {
  try {
    if (context.carrier === 'line') requireOneLine(text);
    return readReply(parse(text, { ...DEFAULT_LIMITS, refuseCaseCollisions: false, ...context.limits }), context);
  } catch (error) {
    if (error instanceof JsonError && error.code === 'JSON_SIZE') {
      throw new McpError('REPLY_TOO_LARGE', 'a text within the limits');
    }
    if (error instanceof JsonError) throw new McpError('REPLY_INVALID', 'exact JSON');
    if (!(error instanceof McpError) || error.code === 'REPLY_INVALID' || error.code === 'REPLY_TOO_LARGE') throw error;
    throw new McpError('REPLY_INVALID', `what the protocol has (${error.code})`);
  }
}

function readReply(document: JsonDocument, context: ReplyContext): Reply {
  const { batch, messages } = parseMessages(document);
  if (batch && context.version !== BATCH_VERSION) throw new McpError('REPLY_INVALID', 'one message');
  const questions: Question[] = [];
  const parts = messages.map((message) => partOf(message, context, questions));
  const items = batch ? document.items() : [];
  return {
    messages,
    questions,
    altered: parts.some((part) => part.altered),
    render(rulings) {
      const answers: string[] = [];
      const released: number[] = [];
      const edits: Edit[] = [];
      const dropped = new Set<number>();
      for (const [index, part] of parts.entries()) {
        const outcome = part.settle(ruledBy(rulings));
        if (outcome.answer !== undefined) answers.push(outcome.answer);
        released.push(...(outcome.released ?? []));
        if (outcome.drop) dropped.add(index);
        else edits.push(...outcome.edits);
      }
      if (dropped.size === messages.length) return { body: null, unchanged: false, answers, released };
      edits.push(...withoutItems(items, (index) => dropped.has(index)));
      return { body: applyEdits(document.text, edits), unchanged: edits.length === 0, answers, released };
    },
  };
}

/** A question without a ruling must never count as allowed. */
function ruledBy(rulings: ReadonlyMap<number, ReplyRuling>): (key: number) => McpRefusal | undefined {
  return (key) => {
    const ruling = rulings.get(key);
    if (ruling === undefined) throw new TypeError('expected a ruling for each question');
    return ruling.release ? undefined : ruling.refusal;
  };
}
