export { type Config, parseConfig, readConfig } from './config.ts';
export { ConfigError, type Problem } from './config-error.ts';
export { CONFIG_SCHEMA } from './config-schema.ts';
export { readAnchors, readSigner } from './files.ts';
export { REASONS, type ReasonCode } from './reasons.ts';
export { type Running, type Start, startGateway } from './start.ts';
