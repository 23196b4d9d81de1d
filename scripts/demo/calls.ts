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

export interface DemoCall {
  sdk: 'openai' | 'anthropic';
  asked: string;
  send(): Promise<Answer>;
  /** What must come of it. */
  expected: {
    status: number;
    effect: 'forward' | 'refuse';
    codes: string[];
    raised?: string;
    /** Whether policy decided; else the gateway refused by itself, before policy was asked. */
    byPolicy: boolean;
  };
}

const ALLOWED: DemoCall['expected'] = { status: 200, effect: 'forward', codes: [], byPolicy: true };

/** The calls of the demo, on the route `support`. */
export function demoCalls(url: string, token: string): DemoCall[] {
  return [...allowed(url, token), ...deniedByPolicy(url, token), ...refusedByGateway(url, token)];
}

function allowed(url: string, token: string): DemoCall[] {
  const [gpt, claude] = [openai(url, token), anthropic(url, token)];
  return [
    { sdk: 'openai', asked: 'gpt-5-mini', send: () => chat(gpt, 'gpt-5-mini'), expected: ALLOWED },
    { sdk: 'openai', asked: 'gpt-5-mini, streamed', send: () => chatStream(gpt), expected: ALLOWED },
    { sdk: 'anthropic', asked: 'claude-haiku-4-5', send: () => message(claude), expected: ALLOWED },
    {
      sdk: 'anthropic',
      asked: 'claude-haiku-4-5, streamed',
      send: () => messageStream(claude),
      expected: ALLOWED,
    },
  ];
}

function deniedByPolicy(url: string, token: string): DemoCall[] {
  const denied = (code: string): DemoCall['expected'] => ({
    status: 403,
    effect: 'refuse',
    codes: [code],
    raised: 'PermissionDeniedError',
    byPolicy: true,
  });
  const [gpt, claude] = [openai(url, token), anthropic(url, token)];
  return [
    { sdk: 'openai', asked: 'gpt-5-pro', send: () => chat(gpt, 'gpt-5-pro'), expected: denied('MODEL_NOT_ALLOWED') },
    {
      sdk: 'anthropic',
      asked: 'a tool, run_shell',
      send: () => message(claude, ['run_shell']),
      expected: denied('TOOL_NOT_ALLOWED'),
    },
  ];
}

function refusedByGateway(url: string, token: string): DemoCall[] {
  const nobody = stranger(url);
  const astray = openai(url, token, '/support%2f..%2fcoding');
  const gpt = openai(url, token);
  const refused = (status: number, code: string, raised: string): DemoCall['expected'] => ({
    status,
    effect: 'refuse',
    codes: [code],
    raised,
    byPolicy: false,
  });
  return [
    {
      sdk: 'anthropic',
      asked: 'without a token',
      send: () => message(nobody),
      expected: refused(401, 'IDENTITY_MISSING', 'AuthenticationError'),
    },
    {
      sdk: 'openai',
      asked: 'path /support%2f..%2fcoding',
      send: () => chat(astray, 'gpt-5-mini'),
      expected: refused(400, 'PATH_INVALID', 'BadRequestError'),
    },
    {
      sdk: 'openai',
      asked: 'embeddings',
      send: () => embeddings(gpt),
      expected: refused(404, 'ENDPOINT_NOT_GOVERNED', 'NotFoundError'),
    },
  ];
}
