/** A stretch of a text that spells another text. */
export interface Decoded {
  /** UTF-16 offsets of the encoded stretch. */
  start: number;
  end: number;
  encoding: 'base64' | 'hex' | 'percent' | 'escape' | 'entity';
  text: string;
  /** Characters that were encoded though none of them need be: letters and digits of ASCII. */
  needless: number;
}
