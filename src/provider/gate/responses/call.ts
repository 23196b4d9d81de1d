import type { JsonValue } from '../../../json/index.ts';
import type { ToolCall } from '../../../tool/index.ts';
import { isAbsent } from '../../read.ts';
import type { Proposed } from '../outlet.ts';
import type { Piece } from './event.ts';
import { announce, isKnownCall, typeOfItem } from './item.ts';
import type { Entry, Leaving } from './rewrite.ts';

/** What came of one text of a call: deltas, and the whole of it as an event told it. */
interface Text {
  begin: string;
  deltas: string[];
  whole: string | undefined;
}

/** Fields of the item at its beginning, which a client may act on as well as on those at its end. */
const JUDGED = [
  ...['type', 'name', 'namespace', 'server_label', 'call_id', 'execution'],
  ...['arguments', 'input', 'action', 'actions', 'operation'],
];

/** A call of a stream, from its first event to its proposal. */
export class StreamedCall implements Leaving {
  readonly number: number;
  readonly index: number | undefined;
  readonly type: string;
  readonly id: string | null;
  /** Set when it was complete, or had a fault. */
  proposed: Proposed | undefined;
  replaced = false;
  /** Of what was judged; none if that had a fault. */
  digest: string | undefined;
  /** Its events, as far as they wait for its end. */
  held: Entry[] = [];
  /** Whether one of its events stands where it began. */
  hasPlace = false;
  /** Characters of arguments that came so far. */
  length = 0;

  /** As its first event has it, without arguments. */
  readonly announced: ToolCall;
  private readonly isUnknown: boolean;
  private begin: JsonValue | undefined;
  private readonly texts = new Map<string, Text>();

  /** @param begins whether the item is how the call began, rather than how it ended */
  constructor(number: number, index: number | undefined, item: JsonValue, begins: boolean) {
    this.number = number;
    this.index = index;
    this.type = typeOfItem(item);
    this.announced = announce(item);
    this.id = this.announced.id;
    this.isUnknown = !isKnownCall(item);
    this.begin = begins ? item : undefined;
  }

  /** Whether it is refused whatever comes. */
  get isRefused(): boolean {
    return this.isUnknown || this.proposed?.fault !== undefined;
  }

  /** After its proposal. */
  forget(): void {
    this.begin = undefined;
    this.texts.clear();
  }

  /** Takes a piece; false if the event is not one. `place` tells apart the commands of a shell call. */
  add(piece: Piece, place: number, event: JsonValue): boolean {
    const text = event.get(piece.from)?.string();
    const name = event.get('name');
    if (text === undefined || piece.item !== this.type) return false;
    if (name && !isAbsent(name) && !same(this.text('name'), name.string() ?? '')) return false;
    const of = this.text(piece.field === 'command' ? `command ${place}` : piece.field);
    this.length = piece.from === 'delta' ? this.length + text.length : Math.max(this.length, text.length);
    if (piece.from !== 'delta') return piece.begins ? begin(of, text) : same(of, text);
    of.deltas.push(text);
    return true;
  }

  /** Whether all that was told of it on the way agrees with its end: any of it may be what a client acts on. */
  agrees(item: JsonValue): boolean {
    const { begin } = this;
    if (begin && !JUDGED.every((key) => isPartOf(begin.get(key), item.get(key)))) return false;
    const commands = commandsOf(item);
    const first = commandsOf(begin);
    for (const [name, text] of this.texts) {
      const end = endOf(name, item, commands);
      if (end === undefined || !isTold(text, end)) return false;
      if (text.deltas.some(Boolean) && (endOf(name, begin, first) ?? '') !== '') return false;
    }
    return true;
  }

  private text(name: string): Text {
    let text = this.texts.get(name);
    if (!text) {
      text = { begin: '', deltas: [], whole: undefined };
      this.texts.set(name, text);
    }
    return text;
  }
}

function same(text: Text, whole: string): boolean {
  text.whole ??= whole;
  return text.whole === whole;
}

function begin(text: Text, first: string): boolean {
  if (text.begin !== '' || text.deltas.length > 0) return false;
  text.begin = first;
  return true;
}

function commandsOf(item: JsonValue | undefined): JsonValue[] {
  return item?.get('action')?.get('commands')?.items() ?? [];
}

function endOf(name: string, item: JsonValue | undefined, commands: JsonValue[]): string | undefined {
  if (name === 'diff') return item?.get('operation')?.get('diff')?.string();
  if (name.startsWith('command ')) return commands[Number(name.slice('command '.length))]?.string();
  return item?.get(name)?.string();
}

/** Deltas alone must give the whole text: not every client begins with what the item or a first event held. */
function isTold({ begin, deltas, whole }: Text, end: string): boolean {
  const joined = deltas.join('');
  if (whole !== undefined && whole !== end) return false;
  if (begin !== '' && (begin !== end || joined !== '')) return false;
  return joined === '' || joined === end;
}

/** Whether what stood at the beginning is empty yet or the same: in between nothing can be told from something else. */
function isPartOf(begin: JsonValue | undefined, end: JsonValue | undefined): boolean {
  if (!begin || isAbsent(begin)) return true;
  if (begin.kind === 'array') {
    const ends = end?.items() ?? [];
    return begin.items().every((value, i) => isPartOf(value, ends[i]));
  }
  if (begin.kind === 'object') return begin.entries().every(([key, value]) => isPartOf(value, end?.get(key)));
  const text = begin.string();
  if (text === '') return true;
  if (!end || begin.kind !== end.kind) return false;
  return text === undefined ? begin.value() === end.value() : text === end.string();
}
