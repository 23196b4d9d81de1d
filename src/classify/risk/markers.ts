import type { Finding } from '../finding.ts';

/**
 * Forged turns: the tokens with which models' templates separate roles, and what looks like them. A service doesn't put these
 * into a text, so somebody wants a model to read what follows as another speaker's.
 */
const SPECIAL =
  /<[|｜]\/?(?:im_start|im_end|im_sep|system|user|assistant|developer|tool|endoftext|end|start|eot_id|eom_id|begin_of_text|end_of_text|start_header_id|end_header_id|channel|message|python_tag|User|Assistant|begin▁of▁sentence|end▁of▁sentence|tool▁calls?▁begin|START_OF_TURN_TOKEN|END_OF_TURN_TOKEN|SYSTEM_TOKEN|USER_TOKEN|CHATBOT_TOKEN)[|｜]>|<\/?(?:start_of_turn|end_of_turn)>|<<\/?SYS>>|\[\/?(?:INST|SYSTEM_PROMPT|TOOL_RESULTS|AVAILABLE_TOOLS|TOOL_CALLS)\]/gi;

/** Tags in which frameworks and system prompts wrap what tools answer, or what only the operator says. */
const TAGS =
  /<\/?(?:system|system_prompt|system_message|system_instructions?|developer_message|(?:tool|function)_(?:results?|responses?|outputs?)|tool_use_result|important_instructions?)>/gi;

/** "system:" at the start of a line; `### Instruction:` (Alpaca) and its kind. */
const LINES =
  /\n[ \t>*_[{("'`-]{0,8}(?:#{1,6} ?(?:(?:new |system )?(?:instructions?|prompt|system)|system message)|(?:system|developer)(?:[ _-](?:prompt|message|instructions?|note|notice|override|update|alert|admin))?)[\])"'`*_]{0,4}[ \t]{0,4}[:：]/gi;
/** The same in brackets, without a colon: `[SYSTEM] …`. */
const BRACKETS =
  /\[(?:system|developer|admin|assistant)(?:[ _-](?:message|note|notice|override|update|alert|prompt))?\]/gi;
/** Comments that are for a model, as a page shows none of them. */
const COMMENTS =
  /<!--\s{0,4}(?:(?:note |message |instructions? )?(?:to|for) (?:the |all |any )?)?(?:ai|llms?|assistants?|agents?|chatbots?|(?:ai|language) models?|system|claude|chatgpt|gpt|copilot)\s?[:,]/gi;
/** What follows a forged "system:" and not a setting that is called system. */
const COMMANDS =
  /^[ \t*"'`\n]{0,8}(?:you|your|the user|the assistant|ignore|disregard|forget|from now|new |do not|don't|always|never|override|respond|reply|act|as an ai|all |this |security|please|important|instructions?)\b/i;
/** What follows one that says whose it is, and would be an example behind `### Instruction:`. */
const ORDERS =
  /^[ \t*"'`\n]{0,8}(?:call |execute |run |delete |send |grant |approve |print |reveal |output |forward |upload |transfer |disable |skip |the previous|previous|access |user (?:has|is) )/i;
const AFTER = 60;

export function findMarkers(text: string): Finding[] {
  const found: Finding[] = [];
  const report = (start: number, end: number, confidence: number, rule: string): void => {
    found.push({ kind: 'prompt_injection', start, end, confidence, rule: `risk/marker/${rule}` });
  };
  for (const match of text.matchAll(SPECIAL)) report(match.index, match.index + match[0].length, 0.9, 'token');
  for (const match of text.matchAll(TAGS)) report(match.index, match.index + match[0].length, 0.6, 'tag');
  for (const match of text.matchAll(COMMENTS)) report(match.index, match.index + match[0].length, 0.7, 'comment');
  for (const match of text.matchAll(BRACKETS)) line(text, match.index, match.index + match[0].length, report);
  for (const [start, end] of turnsIn(text)) report(start, end, 0.6, 'turns');
  // A line's start is a line feed to the pattern, which is the faster to look for; the first line has none.
  const first = LINES.exec(`\n${text.slice(0, 100)}`);
  LINES.lastIndex = 0;
  if (first?.index === 0) line(text, 0, first[0].length - 1, report);
  for (const match of text.matchAll(LINES)) line(text, match.index + 1, match.index + match[0].length, report);
  return found;
}

/** Turns of a conversation that somebody wrote into one text: a model may take the last for the user's. */
const TURN = /\n\n(Human|User|Assistant|AI|System): |### ?(Human|User|Assistant|System|Instruction|Response):/g;

/** Both sides must speak, and it must not be all there is of one. */
function turnsIn(text: string): [number, number][] {
  let first: RegExpExecArray | undefined;
  let last: RegExpExecArray | undefined;
  const sides = new Set<boolean>();
  for (const match of text.matchAll(TURN)) {
    first ??= match;
    last = match;
    sides.add(/human|user|instruction/i.test(match[1] ?? match[2] ?? ''));
  }
  return first && last && sides.size === 2 ? [[first.index, last.index + last[0].length]] : [];
}

function line(
  text: string,
  start: number,
  end: number,
  report: (start: number, end: number, confidence: number, rule: string) => void,
): void {
  const after = text.slice(end, end + AFTER);
  const isOrder =
    COMMANDS.test(after) || (/system|developer|admin/i.test(text.slice(start, end)) && ORDERS.test(after));
  report(start, end, isOrder ? 0.8 : 0.3, 'line');
}
