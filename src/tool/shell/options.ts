import { type Field, tail } from './field.ts';

/** The options of a program, as far as it takes to find what stands between them. */
export interface Options {
  /** Letters without a value, and with one. */
  bare: string;
  valued: string;
  /** Long names without a value, and with one. `--name=value` needs no entry. */
  names?: string[];
  valuedNames?: string[];
  /** Long names that say most: what may be short for one of them is taken for it. */
  foremost?: string[];
}

export interface Given {
  name: string;
  value: Field | undefined;
}

export interface Reading {
  given: Given[];
  operands: Field[];
  /** Whether an option is none of these: then what follows it may be its value, or not. */
  isSure: boolean;
}

/**
 * Reads the words after a program's name.
 *
 * @param toFirst whether the first operand ends the options, as with programs that run another
 */
export function readOptions(fields: Field[], options: Options, toFirst: boolean): Reading {
  const reading: Reading = { given: [], operands: [], isSure: true };
  let i = 0;
  while (i < fields.length) {
    const field = fields[i++] as Field;
    const { text } = field;
    if (text === '--' && !field.dynamic) break;
    if (!text.startsWith('-') || text === '-') {
      // An option could be in what only the run can tell; without quotes, even none at all.
      if (toFirst) {
        i--;
        break;
      }
      reading.operands.push(field);
    } else if (text.startsWith('--')) {
      i += readLong(field, fields[i], options, reading);
    } else {
      i += readShort(field, fields[i], options, reading);
    }
  }
  for (const field of fields.slice(i)) reading.operands.push(field);
  return reading;
}

export function valueGiven(reading: Reading, ...names: string[]): Field | undefined {
  return reading.given.findLast((one) => names.includes(one.name) && one.value !== undefined)?.value;
}

export function has(reading: Reading, ...names: string[]): boolean {
  return reading.given.some((one) => names.includes(one.name));
}

/** @returns how many of the words after it belong to it */
function readLong(field: Field, next: Field | undefined, options: Options, reading: Reading): number {
  const at = field.text.indexOf('=');
  const given = at < 0 ? field.text.slice(2) : field.text.slice(2, at);
  const name = wholeName(given, options);
  if (at >= 0) {
    reading.given.push({ name, value: tail(field, at + 1) });
    return 0;
  }
  const isValued = options.valuedNames?.includes(name) === true || options.foremost?.includes(name) === true;
  if (!isValued && options.names?.includes(name) !== true) reading.isSure = false;
  if (name !== given) reading.isSure = false;
  reading.given.push({ name, value: isValued ? next : undefined });
  return isValued ? 1 : 0;
}

/** Many programs take a long option by its beginning. */
function wholeName(given: string, { foremost = [], valuedNames = [], names = [] }: Options): string {
  if (given === '') return given;
  const lists = [foremost, valuedNames, names];
  if (lists.some((list) => list.includes(given))) return given;
  for (const list of lists) {
    const whole = list.find((name) => name.startsWith(given));
    if (whole !== undefined) return whole;
  }
  return given;
}

function readShort(field: Field, next: Field | undefined, options: Options, reading: Reading): number {
  for (let i = 1; i < field.text.length; i++) {
    const name = field.text[i] as string;
    if (options.valued.includes(name)) {
      const rest = tail(field, i + 1);
      reading.given.push({ name, value: rest.text === '' ? next : rest });
      return rest.text === '' ? 1 : 0;
    }
    if (!options.bare.includes(name)) reading.isSure = false;
    reading.given.push({ name, value: undefined });
  }
  return 0;
}
