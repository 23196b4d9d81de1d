export { JsonError, type JsonErrorCode } from './error.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export { rawOffsets } from './offset.ts';
export { check, parse } from './parse.ts';
export { JsonDocument, type JsonKind, JsonValue } from './value.ts';
