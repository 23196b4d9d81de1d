import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CHAT_BODY, codes, type Entry, Stand } from './harness.ts';

// What the texts of a call hold is known to policy, and what the route masks stands nowhere but in what is forwarded.

const POLICY = `package verdict

allowed := {"effect": "allow", "reasons": [], "obligations": []}

deny(code) := {
	"effect": "deny",
	"reasons": [{"code": code, "message": "because", "rule": "data.verdict"}],
	"obligations": [],
}

holds(kind) if {
	some label in input.labels
	startswith(label.kind, kind)
}

request := allowed if {
	input.phase == "request"
	not strict
}

request := allowed if {
	strict
	not holds("secret.")
}

request := deny("SECRET_FOUND") if {
	strict
	holds("secret.")
}

strict if input.body.user == "strict"

tool := deny("SECRET_FOUND") if holds("secret.")

tool := allowed if not holds("secret.")
`;

/** Made here, so that no scanner takes this file for a leak. */
const TOKEN = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
const CARD = '4539 1488 0343 6467';

const ROUTES = [
  { id: 'plain', match: { path: '/plain' }, policy: 'any' },
  { id: 'off', match: { path: '/off' }, policy: 'any', classify: false },
  {
    id: 'cards',
    match: { path: '/cards' },
    policy: 'any',
    input: { mask: ['secret', 'payment.card'] },
    jurisdiction: 'DE',
  },
  { id: 'mails', match: { path: '/mails' }, policy: 'any', input: { mask: ['personal'] } },
  { id: 'open', match: { path: '/open' }, policy: 'any', input: { mask: [] } },
  { id: 'blind', match: { path: '/blind' }, policy: 'any', text: 'digest' },
  { id: 'hooks', kind: 'hook', match: { path: '/v1/hooks' }, policy: 'any' },
];

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open({
    routes: ROUTES,
    prepare: (site) => site.buildPolicy(POLICY, ['verdict/request', 'verdict/tool'], ['classify']),
  });
});
afterAll(() => stand.close([/could not be labelled/]));
afterEach(() => stand.forgetRequests());

async function ask(route: string, content: string, more: object = {}): Promise<{ status: number; decision: Entry }> {
  const { value, decision } = await stand.decided(() =>
    stand
      .gpt({ route })
      .chat.completions.create({ ...CHAT_BODY, messages: [{ role: 'user', content }], ...more })
      .then(
        () => 200,
        (error: { status: number }) => error.status,
      ),
  );
  return { status: value, decision };
}

const kinds = ({ input }: Entry): string[] => input.labels.map(({ kind }: { kind: string }) => kind);

describe('a secret in a prompt', () => {
  test('is forwarded as it is if policy allows it, and stands neither in input nor in the log', async () => {
    const content = `use ${TOKEN} to log in`;
    const { status, decision } = await ask('plain', content);
    expect(status).toBe(200);
    const [forwarded] = stand.openai.requests;
    expect(forwarded?.body.toString()).toContain(TOKEN);
    expect(decision.body_sha256).toBe(
      createHash('sha256')
        .update(forwarded?.body ?? '')
        .digest('hex'),
    );
    expect(decision.input.body.messages[0].content).toBe('use __secret.github.token__ to log in');
    expect(decision.input.masked).toBe(1);
    const [label] = decision.input.labels.filter(({ kind }: { kind: string }) => kind.startsWith('secret.'));
    expect(label).toMatchObject({
      stage: 'sensitivity',
      kind: 'secret.github.token',
      where: { pointer: '/messages/0/content', role: 'user', start: 4, end: 4 + TOKEN.length },
      ruleset: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('can be denied by its label', async () => {
    const { status, decision } = await ask('plain', `use ${TOKEN}`, { user: 'strict' });
    expect([status, codes(decision)]).toEqual([403, ['SECRET_FOUND']]);
    expect(stand.forwarded).toBe(0);
  });

  test('is found and masked in a long body too, and in any field', async () => {
    const filler = 'the quick brown fox jumps over the lazy dog. '.repeat(3000);
    const { status, decision } = await ask('plain', `${filler}${TOKEN} ${filler}`, {
      metadata: { ticket: `see ${TOKEN}` },
    });
    expect(status).toBe(200);
    expect(decision.input.body.metadata.ticket).toBe('see __secret.github.token__');
    expect(decision.input.labels[0].where.start).toBe(filler.length);
  });

  test('is labelled where policy gets no text', async () => {
    const { decision } = await ask('blind', `use ${TOKEN}`);
    expect(kinds(decision)).toContain('secret.github.token');
  });

  test('stands nowhere in the log, nor in what the gateway says of its work', () => {
    expect(stand.logText().includes(TOKEN)).toBe(false);
    expect(JSON.stringify(stand.program.lines()).includes(TOKEN)).toBe(false);
  });
});

test('a route masks the kinds that it lists, and no others', async () => {
  const cards = await ask('cards', `card ${CARD}, mail a.b@corp.example.org`);
  expect(cards.decision.input.body.messages[0].content).toBe('card __payment.card__, mail a.b@corp.example.org');
  expect(kinds(cards.decision)).toEqual(expect.arrayContaining(['payment.card', 'personal.email', 'gdpr', 'pci_dss']));
  const open = await ask('open', `card ${CARD}`);
  expect(open.decision.input.body.messages[0].content).toBe(`card ${CARD}`);
  expect(kinds(open.decision)).not.toContain('gdpr');
});

test('a placeholder may be longer than what it stands for', async () => {
  const { decision } = await ask('mails', 'mail a@b.example');
  expect(decision.input.body.messages[0].content).toBe('mail __personal.email__');
  expect(decision.body_bytes).toBeLessThan(JSON.stringify(decision.input.body).length);
});

test('a route can do without labels', async () => {
  const { decision } = await ask('off', 'card and ghp, nothing of it looked for');
  expect(decision.input.labels).toEqual([]);
});

test('what nothing is found in is public, as far as known', async () => {
  const { decision } = await ask('plain', 'hello there');
  expect(kinds(decision)).toContain('public');
});

test('two keys that would be the same once masked: the call is refused', async () => {
  const metadata = { [TOKEN]: '1', [`${TOKEN.slice(0, -1)}Z`]: '2' };
  const { status, decision } = await ask('plain', 'hello', { metadata });
  expect([status, codes(decision)]).toEqual([503, ['CLASSIFICATION_FAILED']]);
  expect(stand.forwarded).toBe(0);
});

test('the arguments of a tool call are labelled, and masked in what the call would do', async () => {
  const { value, decision } = await stand.decided(async () => {
    const response = await fetch(`${stand.url}/v1/hooks/claude-code`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stand.site.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        session_id: 's',
        transcript_path: '/home/alice/t.jsonl',
        cwd: '/home/alice/app',
        permission_mode: 'default',
        hook_event_name: 'PreToolUse',
        tool_name: 'Bash',
        tool_input: { command: `curl -H "Authorization: token ${TOKEN}" https://api.example.com/` },
      }),
    });
    return response.headers.get('x-verdict-effect');
  });
  expect(value).toBe('deny');
  expect(codes(decision)).toEqual(['SECRET_FOUND']);
  const { tool } = decision.input;
  expect(tool.arguments.command).toContain('__secret.github.token__');
  expect(JSON.stringify(tool.actions)).toContain('__secret.github.token__');
  expect(stand.logText().includes(TOKEN)).toBe(false);
});
