/** What a user seems to want, each with a sentence for people. */
export const INTENT_KINDS = {
  query: 'To know something: a question, or a request to explain.',
  generation: 'To have something written: a text, a translation, a program.',
  code_execution: 'To have code or a command run.',
  agent_action: 'To have something done beyond the conversation: sent, booked, bought, changed, deployed.',
  data_export: 'To get data out in bulk, or to a place outside.',
} as const;

export type IntentKind = keyof typeof INTENT_KINDS;
