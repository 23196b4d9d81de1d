import { sseFrame } from '../../../sse/index.ts';
import type { RefusalFields } from '../../refusal.ts';
import { asciiJson, edited } from '../edit.ts';
import { notice } from '../error.ts';

/** What stands in the place of a call: its block cannot just go, since SDKs count blocks. */
export function noticeBlock(refusal: RefusalFields): { type: 'text'; text: string } {
  return { type: 'text', text: notice(refusal) };
}

/** The events that begin a block with the notice; the call's own last event stops it. */
export function noticeEvents(index: number, refusal: RefusalFields): Buffer[] {
  const { type, text } = noticeBlock(refusal);
  const events = [
    { type: 'content_block_start', index, content_block: { type, text: '' } },
    { type: 'content_block_delta', index, delta: { type: 'text_delta', text } },
  ];
  return events.map((event) => sseFrame({ type: event.type, data: Buffer.from(asciiJson(event)) }));
}

/** Where a response says why it ended. */
export interface StopReason {
  start: number;
  end: number;
}

/** The event that ends a message of which no call is left. */
export function endTurn(type: string, data: Buffer, { start, end }: StopReason): Buffer {
  return sseFrame({ type, data: edited(data, [{ start, end, text: '"end_turn"' }]) });
}
