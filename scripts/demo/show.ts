import type { Answer } from './ask.ts';
import type { DemoCall } from './calls.ts';
import type { Decision, DemoGateway } from './gateway.ts';
import type { Screen } from './screen.ts';

/** Makes a call, prints a line for each decision that it brought about, and checks all of it. */
export async function showCall(screen: Screen, gateway: DemoGateway, call: DemoCall): Promise<void> {
  const before = gateway.decisions().length;
  const answer = await call.send();
  const decisions = gateway.decisions().slice(before);
  decisions.forEach((decision, index) => {
    screen.line(
      index === 0
        ? lineOf(screen, call.who, call.asked, statusOf(call, answer), decision)
        : lineOf(screen, '', `└ ${decision.tool}`, '', decision),
    );
  });
  check(screen, call, answer, decisions);
}

const statusOf = ({ who }: DemoCall, { status }: Answer): string =>
  who === 'claude-code' ? `exit ${status}` : String(status);

function lineOf(screen: Screen, who: string, asked: string, status: string, decision: Decision): string {
  const { effect, codes, id } = decision;
  const painted = screen.paint(effect === 'forward' ? 'green' : 'yellow', effect.padEnd(7));
  const words = [who.padEnd(11), asked.padEnd(28), painted, status.padEnd(6), codes.join(',').padEnd(26)];
  return `  ${words.join(' ')} ${screen.paint('dim', id)}`;
}

function check(screen: Screen, { who, asked, expected }: DemoCall, answer: Answer, decisions: Decision[]): void {
  const name = `${who}, ${asked}`;
  const came = { status: answer.status, decisions: decisions.map(({ id: _, ...rest }) => rest) };
  screen.expect(name, came, { status: expected.status, decisions: expected.decisions });
  screen.expect(`${name}: the error that was raised`, answer.raised, expected.raised);
  screen.expect(`${name}: the tool calls that came through`, answer.calls, expected.calls ?? '');
  if (expected.streamed) screen.expect(`${name}: came in pieces`, answer.pieces > 1, true);
  // A list is answered without what is denied in it; the rest is answered with the reason for its last decision.
  const refused = decisions[0]?.effect === 'refuse' || expected.raised !== undefined ? decisions.at(-1) : undefined;
  if (refused) checkReason(screen, name, answer, refused);
  else if (who !== 'claude-code') screen.expect(`${name}: there is an answer`, answer.text.length > 0, true);
}

function checkReason(screen: Screen, name: string, { text, decision }: Answer, { codes, id }: Decision): void {
  screen.expect(`${name}: the reason that the caller is told`, text.includes(codes[0] ?? ''), true);
  screen.expect(`${name}: the decision that the caller is told`, text.includes(id) || decision === id, true);
}
