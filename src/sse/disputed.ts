// Some readers end a line where others do not, as Python's `splitlines` does, or skip a byte order mark at the start of
// one. There they find a field that the others do not see: what it says would never be judged.
//
// Text is UTF-8 read as Latin-1, for there are readers that take the stream for that (Python's `requests` does where the
// type names no charset): U+0085 is to them a byte alone, be it the end of another character.

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is those that are looked for
const DISPUTED = /[\v\f\x1c-\x1e\x85]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf/;
/** A disputed end that JSON may have in a string, with a field behind it: a whole event of its own. */
const CUT = /(?:(?:\xc2\x85|\xe2\x80[\xa8\xa9])(?:[ \t]|\xef\xbb\xbf)*|\x85)(?:data|event):/i;

/** Whether the lines of an event have ends that are none to some. In data they do no harm unless a field follows. */
export function isDisputed(lines: string): boolean {
  if (!DISPUTED.test(lines)) return false;
  return lines.split(/[\r\n]/).some((line) => (line.startsWith('data:') ? hidesField(line) : DISPUTED.test(line)));
}

/** Whether a text in data holds what some readers take for a field of its own. */
export function hidesField(text: string): boolean {
  return CUT.test(text);
}
