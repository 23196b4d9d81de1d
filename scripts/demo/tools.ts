import { anthropic, chatStream, messageStream, openai, respond } from './ask.ts';
import { type Access, allowed, type DemoCall, onTool } from './calls.ts';

const ORDER = 'lookup_order {"order": "A-17"}';
const ALL_ORDERS = 'lookup_order {"order": "A-17", "or": "1=1"}';
const ENV = 'read_file {"path": ".env"}';

/** Answers in which the model proposes a tool call: the sandbox does when it is told `call NAME {json}`. */
export function toolCalls({ url, token }: Access): DemoCall[] {
  const gpt = openai(url, token);
  const coding = anthropic(url, token, '/coding');
  const denied = [allowed, onTool('lookup_order', 'TOOL_ARGUMENTS_NOT_ALLOWED')];
  return [
    {
      who: 'openai',
      asked: 'lookup_order, streamed',
      send: () => chatStream(gpt, `call ${ORDER}`, ['lookup_order']),
      expected: { status: 200, decisions: [allowed, onTool('lookup_order')], calls: ORDER, streamed: true },
    },
    {
      who: 'openai',
      asked: 'bad arguments, streamed',
      send: () => chatStream(gpt, `call ${ALL_ORDERS}`, ['lookup_order']),
      expected: { status: 200, decisions: denied, raised: 'APIError', streamed: true },
    },
    {
      who: 'openai',
      asked: 'lookup_order, Responses API',
      send: () => respond(gpt, `call ${ORDER}`, ['lookup_order']),
      expected: { status: 200, decisions: [allowed, onTool('lookup_order')], calls: ORDER },
    },
    {
      who: 'openai',
      asked: 'bad arguments, Responses API',
      send: () => respond(gpt, `call ${ALL_ORDERS}`, ['lookup_order']),
      expected: { status: 403, decisions: denied, raised: 'PermissionDeniedError' },
    },
    {
      who: 'anthropic',
      asked: 'read_file .env, streamed',
      send: () => messageStream(coding, 'claude-sonnet-5', `call ${ENV}`, ['read_file']),
      expected: {
        status: 200,
        decisions: [allowed, onTool('read_file', 'SECRET_FILE')],
        raised: 'APIError',
        streamed: true,
      },
    },
  ];
}
