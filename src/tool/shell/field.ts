/** One word as a program receives it. */
export interface Field {
  /** Quotes and escapes resolved; a part that only the run can tell stands as "$". */
  text: string;
  /** Whether there is such a part; `'pattern'` if each is one for names of files, such as `*`. */
  dynamic: boolean | 'pattern';
  /** Whether it begins with the home folder, which then stands as "~"; a quoted "~" is a plain character. */
  home: boolean;
  /** Whether it names what another program writes: `<(…)`. */
  stream: boolean;
}

export const UNKNOWN: Field = { text: '$', dynamic: true, home: false, stream: false };

export function plain(text: string): Field {
  return { text, dynamic: false, home: false, stream: false };
}

/** The end of a field, as one of its own. Shells differ on whether a tilde behind `=` is the home folder: it is taken for it. */
export function tail(field: Field, from: number): Field {
  const text = field.text.slice(from);
  return { ...field, text, home: text.startsWith('~') };
}

/** A field as a path: only an unquoted tilde means the home folder. */
export function pathOf(field: Field): string {
  return !field.home && field.text.startsWith('~') ? `./${field.text}` : field.text;
}

/** The name of a program: without its folder, and in lower case, as some file systems do not tell cases apart. */
export function programOf(field: Field): string {
  const name = field.text.slice(Math.max(field.text.lastIndexOf('/'), field.text.lastIndexOf('\\')) + 1).toLowerCase();
  return name.endsWith('.exe') ? name.slice(0, -4) : name;
}

/** Fields put together again as shell text, each word literal; what is not known stays unknown. */
export function quote(field: Field): string {
  if (field.dynamic) return '"$?"';
  return /^[\w./:=@%+,-]+$/.test(field.text) ? field.text : `'${field.text.replaceAll("'", `'\\''`)}'`;
}

/** Fields as shell text that is parsed anew: what they hold is no longer quoted. */
export function scriptOf(fields: Field[]): Field {
  return {
    // `$?` is known only by the run, and no more than one word.
    text: fields.map((field) => (field.dynamic ? field.text.replaceAll('$', '$?') : field.text)).join(' '),
    dynamic: fields.some((field) => field.dynamic !== false),
    home: false,
    stream: fields.some((field) => field.stream),
  };
}
