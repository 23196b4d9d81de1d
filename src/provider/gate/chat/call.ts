import { type JudgedCall, readCall, type SentCall } from '../call.ts';
import type { CallFault, SeenCall } from '../gate.ts';
import type { Proposed } from '../outlet.ts';
import type { ChatPart } from './shape.ts';

const LONGEST_NAME = 256;

/** A call that is put together from its pieces. */
export class ChatCall {
  readonly index: number;
  fault: CallFault | undefined;
  /** Set when it was complete. */
  proposed: Proposed | undefined;
  /** Bytes of its arguments that are kept here. */
  bytes = 0;

  private id: string | undefined;
  private type: string | undefined;
  private name: string | undefined;
  private text = '';

  constructor(index: number, fault?: CallFault) {
    this.index = index;
    this.fault = fault;
  }

  get isRefused(): boolean {
    return this.proposed?.refusal !== undefined;
  }

  /** A name comes once: of two, some SDKs take the last, and some join them. An id and a type may be repeated. */
  add(part: ChatPart, mostBytes: number): void {
    const { id, type, name, text, broken } = part;
    const isOther = (type && this.type && type !== this.type) || (id && this.id && id !== this.id);
    const isTwofold = (name && this.name) || isOther;
    this.id ??= id;
    this.type ??= type;
    this.name ??= name;
    if (this.fault) return;
    if (broken || isTwofold) return void this.spoil('TOOL_ARGUMENTS_INVALID');
    if (text === undefined) return;
    this.bytes += Buffer.byteLength(text);
    if (this.bytes > mostBytes) return void this.spoil('TOOL_ARGUMENTS_TOO_LARGE');
    this.text += text;
  }

  /** Complete now. Its text is not kept here any longer. */
  judge(mostCalls: number): JudgedCall {
    const { name, fault } = this;
    const type: SentCall['type'] = this.type === 'custom' ? 'custom' : 'function';
    const judged = readCall({ name, type, id: this.id ?? null, text: Buffer.from(this.text), fault }, mostCalls);
    this.text = '';
    return judged;
  }

  /** @param more how many further calls it stands for */
  seen(more: number): SeenCall {
    return { name: this.name?.slice(0, LONGEST_NAME) ?? null, id: this.id ?? null, more };
  }

  private spoil(fault: CallFault): void {
    this.fault = fault;
    this.text = '';
    this.bytes = 0;
  }
}
