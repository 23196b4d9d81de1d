export { check, DEFAULT_LIMITS, type Limits } from './check.ts';
export { JsonError, type JsonErrorCode } from './error.ts';
