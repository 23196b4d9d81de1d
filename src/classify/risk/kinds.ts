/** What this stage finds, each with a sentence for people. */
export const RISK_KINDS = {
  prompt_injection: 'Text that tells a model to drop its instructions, or forges a turn of the conversation.',
  system_prompt_extraction: 'Text that asks a model for its hidden instructions.',
  'hidden_text.tags': 'Unicode tag characters, which models read and people do not see, outside of an emoji flag.',
  'hidden_text.variation_selectors': 'Variation selectors where they select nothing: one can hold a byte.',
  'hidden_text.zero_width': 'Characters without width where no script needs them.',
  'hidden_text.bidi': 'Controls of direction that show text in another order than it is read (Trojan Source).',
  encoded_payload: 'Base64, hexadecimal or escapes that hold readable text.',
  'egress.link': 'A link, by its confidence from plain to one that carries data.',
  'egress.image':
    'An image from elsewhere, which is loaded without a click, by its confidence from plain to one that carries data.',
} as const;

export type RiskKind = keyof typeof RISK_KINDS;
