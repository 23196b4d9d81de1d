import type { Dialect } from '../../input/index.ts';
import { openChatJsonGate } from './chat/json.ts';
import { openChatStreamGate } from './chat/stream.ts';
import type { GateOptions, JsonGate, StreamGate } from './gate.ts';
import { openMessagesJsonGate } from './messages/json.ts';
import { openMessagesStreamGate } from './messages/stream.ts';
import { openResponsesJsonGate } from './responses/json.ts';
import { openResponsesStreamGate } from './responses/stream.ts';

interface Gates {
  stream(options: GateOptions): StreamGate;
  json(body: Uint8Array, options: GateOptions): JsonGate;
}

/** Of the dialects in which a model calls tools. */
const GATES: { readonly [dialect in Dialect]?: Gates } = {
  'openai-chat': { stream: openChatStreamGate, json: openChatJsonGate },
  'openai-responses': { stream: openResponsesStreamGate, json: openResponsesJsonGate },
  'anthropic-messages': { stream: openMessagesStreamGate, json: openMessagesJsonGate },
};

/** A gate for a stream of server-sent events. */
export function openStreamGate(dialect: Dialect, options: GateOptions): StreamGate {
  return gatesOf(dialect).stream(options);
}

/** A gate for a whole response. The body must not change while the gate is used. */
export function openJsonGate(dialect: Dialect, body: Uint8Array, options: GateOptions): JsonGate {
  return gatesOf(dialect).json(body, options);
}

function gatesOf(dialect: Dialect): Gates {
  const gates = GATES[dialect];
  if (!gates) throw new Error(`expected a dialect with tool calls, got ${dialect}`);
  return gates;
}
