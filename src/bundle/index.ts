export { assemble, type BuildOptions, type Built, build, sign } from './build.ts';
export { BundleError, type BundleErrorCode } from './error.ts';
export type { Files } from './files.ts';
export type { Manifest } from './manifest.ts';
export { OPA_VERSION } from './opa-version.ts';
export { type OpenOptions, open, type VerifiedBundle } from './open.ts';
export { compileRegoTests, REGO_TESTS, type RegoTests, runRegoTests } from './rego-tests.ts';
export { parseSpec, type Spec } from './spec.ts';
export { type Compiled, type OpaRun, readInputs, readSpec, Workshop, writeWhole } from './workshop.ts';
