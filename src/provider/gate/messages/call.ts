import type { JsonValue } from '../../../json/index.ts';
import { type JudgedCall, readCall } from '../call.ts';
import type { CallFault, SeenCall } from '../gate.ts';
import { optionalString, wholeInput } from './shape.ts';

const LONGEST_NAME = 256;

/** A `tool_use` block that is put together from its pieces. */
export class ToolUse {
  fault: CallFault | undefined;
  /** Bytes of its arguments that are kept here. */
  bytes = 0;

  private readonly name: string | undefined;
  private readonly id: string | null;
  /** The input that came with the block's beginning. */
  private whole: Buffer | undefined;
  private text = '';
  private readonly mostBytes: number;

  /** @param bytes the text in which the block stands */
  constructor(block: JsonValue, bytes: Buffer, mostBytes: number, fault?: CallFault) {
    this.name = optionalString(block.get('name')) ?? undefined;
    this.id = optionalString(block.get('id')) ?? null;
    this.mostBytes = mostBytes;
    this.fault = fault;
    const input = wholeInput(block);
    if (!input || fault) return;
    if (input.kind !== 'object') this.spoil('TOOL_ARGUMENTS_INVALID');
    // As sent: what is let pass beside text, a call's arguments must not hold.
    else if (this.count(input.end - input.start)) this.whole = Buffer.from(bytes.subarray(input.start, input.end));
  }

  /** Another piece of its input; undefined if it is no string. */
  add(piece: string | undefined): void {
    if (this.fault || piece === '') return;
    // Of an input at the beginning and one in pieces, SDKs do not agree which counts.
    if (piece === undefined || this.whole) this.spoil('TOOL_ARGUMENTS_INVALID');
    else if (this.count(Buffer.byteLength(piece))) this.text += piece;
  }

  /** Complete now. Its text is not kept here any longer. */
  judge(mostCalls: number): JudgedCall {
    const { name, id, fault } = this;
    const text = this.whole ?? Buffer.from(this.text);
    this.whole = undefined;
    this.text = '';
    return readCall({ name, type: 'function', id, text, fault }, mostCalls);
  }

  get seen(): SeenCall {
    return { name: this.name?.slice(0, LONGEST_NAME) || null, id: this.id, more: 0 };
  }

  private count(bytes: number): boolean {
    this.bytes += bytes;
    if (this.bytes > this.mostBytes) this.spoil('TOOL_ARGUMENTS_TOO_LARGE');
    return !this.fault;
  }

  private spoil(fault: CallFault): void {
    this.fault = fault;
    this.whole = undefined;
    this.text = '';
    this.bytes = 0;
  }
}
