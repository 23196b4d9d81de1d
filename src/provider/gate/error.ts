import type { Provider } from '../../input/index.ts';
import { sseFrame } from '../../sse/index.ts';
import { errorBody, type RefusalFields } from '../refusal.ts';
import type { ResponseFault } from './gate.ts';

const MESSAGES: Record<ResponseFault, string> = {
  RESPONSE_UNREADABLE: 'the response of the provider cannot be followed, so what it may call is not released',
  RESPONSE_TOO_LARGE: 'the response of the provider holds back more than the limit',
};

/** What a client is told if a response cannot be followed: the vendor failed, as seen from here. */
export function faultRefusal(fault: ResponseFault, decisionId: string | undefined): RefusalFields {
  return { status: 502, code: fault, message: MESSAGES[fault], decisionId: decisionId ?? 'unknown' };
}

/** A refusal as an event in a stream that has begun, such as the vendor's SDK raises. */
export function errorEvent(provider: Provider, refusal: RefusalFields): Buffer {
  const data = Buffer.from(errorBody(provider, refusal));
  return sseFrame({ type: provider === 'anthropic' ? 'error' : '', data });
}

/** What stands in the place of a call that was taken out, or of so many. */
export function notice({ code, message, decisionId }: RefusalFields, count = 1): string {
  const what = count === 1 ? 'A tool call was' : `${count} tool calls were`;
  return `[${what} withheld. ${code}: ${message} (decision ${decisionId})]`;
}
