import type { SseFrame } from '../../../sse/index.ts';
import type { ChatCall } from './call.ts';
import { LEGACY } from './shape.ts';

/** An answer that a stream gives, and its calls. */
export interface Choice {
  readonly index: number;
  lane: Lane;
  /** By index. */
  readonly calls: Map<number, ChatCall>;
  /** Stands for all calls beyond the limit, whose indexes are these. */
  excess: ChatCall | undefined;
  readonly beyond: Set<number>;
  /** Whether it has said something by now: what is put there begins a line of its own then. */
  hasText: boolean;
  finished: boolean;
  /** Whether a notice has gone out. */
  isNoted: boolean;
  /** Made when first asked for, after all of its calls were ruled on. */
  outcome: Outcome | undefined;
}

interface Outcome {
  refused: boolean;
  /** For each call that is left, its new index: SDKs take no holes. */
  places: Map<number, number>;
}

/** Choices whose events wait for each other: one mostly, more where one event told of several. */
export interface Lane {
  choices: Choice[];
  held: Held[];
}

interface Begun {
  choice: Choice;
  call: ChatCall;
  /** Whether text of the choice came before. */
  afterText: boolean;
}

/** An event that is withheld. */
export interface Held {
  /** Undefined once nothing is left of it. */
  frame: SseFrame | undefined;
  /** The calls of which it holds pieces. */
  calls: ChatCall[];
  readonly choices: Choice[];
  /** Calls that begin here, where the notice of a refused one stands. */
  readonly begun: Begun[];
  /** Whether something says more than the text. */
  saysMore: boolean;
  /** Whether a choice ends here. */
  readonly finishes: boolean;
}

export function newChoice(index: number): Choice {
  const lane: Lane = { choices: [], held: [] };
  const choice: Choice = {
    ...{ index, lane, calls: new Map(), excess: undefined, beyond: new Set<number>(), hasText: false },
    ...{ finished: false, outcome: undefined, isNoted: false },
  };
  lane.choices.push(choice);
  return choice;
}

/** From now on, all of these wait for each other. */
export function mergeLanes(choices: Choice[]): Lane {
  const [{ lane }] = choices as [Choice];
  for (const { lane: other } of choices) {
    if (other === lane) continue;
    for (const choice of other.choices) choice.lane = lane;
    lane.choices = [...lane.choices, ...other.choices];
    lane.held = [...lane.held, ...other.held];
  }
  return lane;
}

export function callsOf({ calls, excess }: Choice): ChatCall[] {
  return excess ? [...calls.values(), excess] : [...calls.values()];
}

/** How many calls one of them stands for. */
export function countOf({ excess, beyond }: Choice, call: ChatCall): number {
  return call === excess ? beyond.size : 1;
}

export function outcomeOf(choice: Choice): Outcome {
  choice.outcome ??= readOutcome(choice);
  return choice.outcome;
}

/** Whether calls were taken out and none is left. */
export function isBare(choice: Choice): boolean {
  const { refused, places } = outcomeOf(choice);
  return refused && places.size === 0;
}

function readOutcome({ calls, excess }: Choice): Outcome {
  const left = [...calls.values()].filter((call) => !call.isRefused).map(({ index }) => index);
  const refused = left.length < calls.size || excess !== undefined;
  const places = new Map<number, number>();
  for (const index of left.sort((one, other) => one - other)) {
    if (index === LEGACY) places.set(LEGACY, LEGACY);
    else places.set(index, refused ? places.size - (places.has(LEGACY) ? 1 : 0) : index);
  }
  return { refused, places };
}
