/** The stages, in the order in which they run: each may build on what those before it found. */
export type Stage = 'sensitivity' | 'intent' | 'risk' | 'regulation';

/** What a detector found in one text. */
export interface Finding {
  /** Dotted, from the general to the special, for policy to match a prefix: `secret.aws.access_key`, `payment.card`. */
  kind: string;
  /** UTF-16 offsets in the text, as in String.prototype.slice. */
  start: number;
  end: number;
  /** From 0 to 1, in hundredths: 1 is a check digit or a vendor's own prefix with its full form, 0.5 a word in context. */
  confidence: number;
  /** The rule that found it, by its place: `sensitivity/payment/card`. */
  rule: string;
}

/** Finds what it knows in a text. A pure function, linear in the text's length whatever the text holds. */
export type Detector = (text: string) => Finding[];
