export { readBetas } from './betas.ts';
export { bodilessCall, parseCall } from './call.ts';
export { type Endpoint, matchEndpoint } from './endpoint.ts';
export { ProviderError, type ProviderErrorCode } from './error.ts';
export { upstreamHeaders } from './headers.ts';
export { observeResponse, type ResponseObserver } from './observe.ts';
export { errorBody, type RefusalFields } from './refusal.ts';
export { createSandbox } from './sandbox.ts';
export type { Observed, Usage } from './usage.ts';
