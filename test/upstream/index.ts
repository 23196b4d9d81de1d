export { ANTHROPIC_KEY, ANTHROPIC_MODELS, startAnthropic } from './anthropic.ts';
export { OPENAI_KEY, OPENAI_MODELS, startOpenAi } from './openai.ts';
export type { Behaviour, Recorded, SimulatedCall, Upstream } from './server.ts';
