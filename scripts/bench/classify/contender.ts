import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { classify, parseRuleset, type RegimeContext } from '../../../src/classify/index.ts';
import { DEFAULT_LIMITS, type JsonValue, parse } from '../../../src/json/index.ts';

/** What a contender says of a text: UTF-16 offsets. */
export interface Found {
  kind: string;
  start: number;
  end: number;
  confidence: number;
}

/** One that looks through texts. */
export interface Contender {
  name: string;
  /** Whether it claims to find a kind; it is not measured on others. */
  knows: (kind: string) => boolean;
  find: (texts: readonly string[]) => Promise<Found[][]>;
}

const RULES = parseRuleset(undefined);
const CONTEXT = {} as RegimeContext;

/** A text as the only message of a call, as the gateway hands it to the stages. */
export const bodyOf = (text: string): JsonValue => {
  const bytes = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: text }] }));
  return parse(bytes, { ...DEFAULT_LIMITS, maxBytes: bytes.length });
};

export const labelsOf = (body: JsonValue): ReturnType<typeof classify> => classify(body, RULES, CONTEXT);

/** The room itself, by its front door: bodies in, labels with spans in UTF-8 out. */
export const verdict: Contender = {
  name: 'verdict',
  knows: () => true,
  find: async (texts) => texts.map(findIn),
};

function findIn(text: string): Found[] {
  const { labels } = labelsOf(bodyOf(text));
  const bytes = Buffer.from(text);
  const utf16 = (offset: number): number => bytes.toString('utf8', 0, offset).length;
  return labels.flatMap(({ kind, where, confidence }) =>
    where ? [{ kind, start: utf16(where.start), end: utf16(where.end), confidence }] : [],
  );
}

const CONFIG = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };

/** secretlint as anybody would use it. */
export async function lint(text: string): Promise<Found[]> {
  const { messages } = await lintSource({
    source: { content: text, filePath: 'text.txt', ext: '.txt', contentType: 'text' },
    options: { config: CONFIG, noPhysicFilePath: true },
  });
  return messages.map(({ range: [start, end] }) => ({ kind: 'secret', start, end, confidence: 1 }));
}

export const secretlint: Contender = {
  name: 'secretlint alone',
  knows: (kind) => kind === 'secret' || kind.startsWith('secret.'),
  find: (texts) => Promise.all(texts.map(lint)),
};
