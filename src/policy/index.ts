export { type Decision, deny, fault, type Obligation, type PolicyFaultCode, type Reason } from './decision.ts';
export { Engine, type EngineOptions, type LoadedPolicy } from './engine.ts';
export { PolicyError, type PolicyErrorCode } from './error.ts';
export { DEFAULT_MEMORY_BYTES, ENGINE, Evaluator, type PolicySource, SUPPORTED_BUILTINS } from './evaluator.ts';
