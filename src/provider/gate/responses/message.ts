import { sseFrame } from '../../../sse/index.ts';
import type { RefusalFields } from '../../refusal.ts';
import { notice } from '../error.ts';

// What stands in the place of a call that was refused: a message of the assistant, as its events and as an item.

/** The item as it is in a whole response. `number` tells apart those of one response. */
export function messageItem(number: number, refusal: RefusalFields): object {
  return { ...frameOf(number, refusal, 'completed'), content: [partOf(notice(refusal))] };
}

/** Its events, in the order of the vendor's; numbered from `sequence` on if the stream numbers its events. */
export function messageFrames(
  number: number,
  index: number,
  refusal: RefusalFields,
  sequence: number | undefined,
): Buffer[] {
  const text = notice(refusal);
  const begin = { ...frameOf(number, refusal, 'in_progress'), content: [] };
  const place = { item_id: begin.id, output_index: index, content_index: 0 };
  const events: [string, object][] = [
    ['response.output_item.added', { output_index: index, item: begin }],
    ['response.content_part.added', { ...place, part: partOf('') }],
    ['response.output_text.delta', { ...place, delta: text, logprobs: [] }],
    ['response.output_text.done', { ...place, text, logprobs: [] }],
    ['response.content_part.done', { ...place, part: partOf(text) }],
    ['response.output_item.done', { output_index: index, item: messageItem(number, refusal) }],
  ];
  return events.map(([type, fields], i) => eventFrame(type, sequence === undefined ? undefined : sequence + i, fields));
}

/** How many events `messageFrames` gives. */
export const MESSAGE_EVENTS = 6;

/**
 * The vendor writes an object `error`, and documents its fields beside `type`; SDKs look for the one or the other.
 * https://developers.openai.com/api/reference/resources/responses/streaming-events
 */
export function errorFrame({ status, code, message, decisionId }: RefusalFields, sequence: number): Buffer {
  const text = `${code}: ${message} (decision ${decisionId})`;
  const type = status === 403 ? 'permission_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  const fields = { code, message: text, param: null };
  return eventFrame('error', sequence, { ...fields, error: { type, ...fields, decision_id: decisionId } });
}

function eventFrame(type: string, sequence: number | undefined, fields: object): Buffer {
  const numbered = sequence === undefined ? { type } : { type, sequence_number: sequence };
  return sseFrame({ type, data: Buffer.from(JSON.stringify({ ...numbered, ...fields })) });
}

function frameOf(number: number, { decisionId }: RefusalFields, status: string) {
  return { id: `msg_${decisionId}_${number}`, type: 'message', status, role: 'assistant' };
}

function partOf(text: string): object {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}
