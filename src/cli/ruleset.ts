import { ClassifyError, type Failed, parseRuleset, type Ruleset, testRuleset } from '../classify/index.ts';
import { CliError, EXIT } from './exit.ts';

/** Reads a rule set. Throws CliError for what it isn't. */
export function readRuleset(data: unknown): Ruleset {
  try {
    return parseRuleset(data);
  } catch (error) {
    if (error instanceof ClassifyError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

/** Checks the rules in a bundle's data, and that their examples come out as they say. Throws CliError. */
export function checkRuleset(data: Uint8Array): void {
  const { classify } = JSON.parse(Buffer.from(data).toString('utf8')) as { classify?: unknown };
  const failed = testRuleset(readRuleset(classify));
  if (failed.length === 0) return;
  const lines = ['the rules of classification do not find what they should:', ...describeFailed(failed)];
  throw new CliError(EXIT.finding, lines.join('\n'));
}

export const describeFailed = (failed: readonly Failed[]): string[] =>
  failed.map(
    ({ pattern, example, expected, got }) =>
      `${pattern}: expected ${JSON.stringify(example)} to be ${expected}, it was ${got}`,
  );
