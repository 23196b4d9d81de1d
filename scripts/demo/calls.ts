import {
  type Answer,
  anthropic,
  chat,
  chatStream,
  embeddings,
  message,
  messageStream,
  openai,
  stranger,
} from './ask.ts';
import type { Decision } from './gateway.ts';

/** A decision that a call must bring about, in order. */
export type Expected = Omit<Decision, 'id'>;

export interface DemoCall {
  who: string;
  asked: string;
  send(): Promise<Answer>;
  expected: {
    status: number;
    decisions: Expected[];
    raised?: string;
    /** The tool calls that come through to whoever would run them; none where it is not said. */
    calls?: string;
    streamed?: boolean;
  };
}

/** What a caller holds. */
export interface Access {
  url: string;
  token: string;
}

/** On a call to a model. */
export const allowed: Expected = { tool: null, effect: 'forward', codes: [], byPolicy: true };
export const denied = (code: string): Expected => ({ tool: null, effect: 'refuse', codes: [code], byPolicy: true });
const refused = (code: string): Expected => ({ tool: null, effect: 'refuse', codes: [code], byPolicy: false });

/** On a tool call: allowed, or denied for these reasons. */
export const onTool = (tool: string, ...codes: string[]): Expected => ({
  ...{ tool, effect: codes.length === 0 ? 'forward' : 'refuse', codes, byPolicy: true },
});

/** Calls to models, on the route `support`. */
export function modelCalls(access: Access): DemoCall[] {
  return [...allowedCalls(access), ...deniedCalls(access), ...refusedCalls(access)];
}

function allowedCalls({ url, token }: Access): DemoCall[] {
  const [gpt, claude] = [openai(url, token), anthropic(url, token)];
  const expected = { status: 200, decisions: [allowed] };
  const streamed = { ...expected, streamed: true };
  return [
    { who: 'openai', asked: 'gpt-5-mini', send: () => chat(gpt, 'gpt-5-mini'), expected },
    { who: 'openai', asked: 'gpt-5-mini, streamed', send: () => chatStream(gpt), expected: streamed },
    { who: 'anthropic', asked: 'claude-haiku-4-5', send: () => message(claude), expected },
    { who: 'anthropic', asked: 'claude-haiku-4-5, streamed', send: () => messageStream(claude), expected: streamed },
  ];
}

function deniedCalls({ url, token }: Access): DemoCall[] {
  const [gpt, claude] = [openai(url, token), anthropic(url, token)];
  const expected = (code: string) => ({ status: 403, decisions: [denied(code)], raised: 'PermissionDeniedError' });
  return [
    { who: 'openai', asked: 'gpt-5-pro', send: () => chat(gpt, 'gpt-5-pro'), expected: expected('MODEL_NOT_ALLOWED') },
    {
      who: 'anthropic',
      asked: 'offers tool run_shell',
      send: () => message(claude, ['run_shell']),
      expected: expected('TOOL_NOT_ALLOWED'),
    },
  ];
}

function refusedCalls({ url, token }: Access): DemoCall[] {
  const nobody = stranger(url);
  const astray = openai(url, token, '/support%2f..%2fcoding');
  const gpt = openai(url, token);
  return [
    {
      who: 'anthropic',
      asked: 'without a token',
      send: () => message(nobody),
      expected: { status: 401, decisions: [refused('IDENTITY_MISSING')], raised: 'AuthenticationError' },
    },
    {
      who: 'openai',
      asked: 'path /support%2f..%2fcoding',
      send: () => chat(astray, 'gpt-5-mini'),
      expected: { status: 400, decisions: [refused('PATH_INVALID')], raised: 'BadRequestError' },
    },
    {
      who: 'openai',
      asked: 'embeddings',
      send: () => embeddings(gpt),
      expected: { status: 404, decisions: [refused('ENDPOINT_NOT_GOVERNED')], raised: 'NotFoundError' },
    },
  ];
}
