export { type Classified, classify } from './classify.ts';
export { ClassifyError, type ClassifyErrorCode } from './error.ts';
export { type Inspected, type InspectOptions, inspect } from './inspect.ts';
export { isOfKind } from './mask.ts';
export type { Regime, RegimeContext } from './regulation.ts';
export { type Failed, parseRuleset, type Ruleset, testRuleset } from './ruleset.ts';
