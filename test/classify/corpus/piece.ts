/** Something that a detector should find (or, as a trap, should not). */
export interface Plant {
  /** What it is. A trap begins with an exclamation mark. */
  kind: string;
  value: string;
}

/** Text is put together of pieces, so that where the plants stand is known without looking for them. */
export type Piece = string | Plant;

/** A value with what people call it: no names, and it stands there bare. */
export interface Item {
  names?: Names;
  /** As a field of data is called. */
  key: string;
  pieces: Piece[];
}

export type Language = 'en' | 'de' | 'fr' | 'es' | 'pt';
export const LANGUAGES: readonly Language[] = ['en', 'de', 'fr', 'es', 'pt'];

/** English stands in where a language has none. */
export type Names = { en: readonly string[] } & Partial<Record<Language, readonly string[]>>;

/** One text of the corpus, with all that is to be found in it. */
export interface Sample {
  genre: string;
  text: string;
  /** UTF-16 offsets. */
  plants: { kind: string; start: number; end: number }[];
  /** What the text as a whole is: an injection, source code, about somebody's health. */
  whole: string[];
  /** What it may be called as well, and need not. */
  maybe: string[];
}

export function sample(genre: string, pieces: readonly Piece[], whole: string[] = [], maybe: string[] = []): Sample {
  let text = '';
  const plants: Sample['plants'] = [];
  for (const piece of pieces) {
    const start = text.length;
    text += typeof piece === 'string' ? piece : piece.value;
    if (typeof piece !== 'string') plants.push({ kind: piece.kind, start, end: text.length });
  }
  return { genre, text, plants, whole, maybe };
}

export const plant = (kind: string, value: string): Plant => ({ kind, value });
export const trap = (name: string, value: string): Plant => ({ kind: `!${name}`, value });
