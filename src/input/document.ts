import type { JsonDocument } from '../json/index.ts';

/** Who is calling, for whom, and how we know. */
export interface Subject {
  id: string;
  method: 'token' | 'oidc';
  issuer: string;
  roles: string[];
  tenant: string | null;
  application: string | null;
  /** RFC 3339. */
  verified_at: string;
  /** RFC 3339; null if the credential does not expire. */
  expires: string | null;
  /** The actor, where the token names one (RFC 8693, section 4.1). */
  act?: object;
}

export type Provider = 'openai' | 'anthropic';
export type Dialect = 'openai-chat' | 'openai-models' | 'anthropic-messages' | 'anthropic-models';
export type EndpointName = 'chat.completions' | 'messages' | 'models';
export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export interface Message {
  role: Role;
  /** What it holds, each kind once, nested blocks included: text, image, audio, file, tool_use, tool_result, … */
  kinds: string[];
  /** Length of the message's JSON, in bytes. */
  bytes: number;
  /** SHA-256 of those bytes, hex; in the digest form. */
  sha256?: string;
}

export interface Tool {
  /** The name that the model calls it by; for a server, toolset or skill, what that is called. */
  name: string;
  /** `function` (the caller runs it, JSON arguments), `custom` (the caller runs it, free text), else the provider's own type. */
  type: string;
  sha256?: string;
}

/** Limits and sampling, in neutral names. */
export interface Parameters {
  max_tokens?: number;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  n?: number;
}

/** The dialect-neutral view of a call. */
export interface Call {
  provider: Provider;
  dialect: Dialect;
  endpoint: EndpointName;
  /** Null only where a call names none, such as the list of models. */
  model: string | null;
  /** Models that may answer instead of `model`; "default" is the vendor's own choice. */
  fallbacks: string[];
  stream: boolean;
  parameters: Parameters;
  tools: Tool[];
  messages: Message[];
  /** The top-level keys of the body, so that policy can refuse what it does not know. */
  fields: string[];
  /** Beta features of the vendor that a header asks for. */
  betas: string[];
  /** Length of the body as received. */
  bytes: number;
}

/** What classification found in a text. */
export interface Label {
  name: string;
}

/** What policy reads, without the body. */
export interface InputFields {
  phase: 'request';
  /** When the call arrived. */
  time: Date | string;
  route: { id: string; policy: string; mode: 'enforce' | 'shadow' } | null;
  http: { method: string; path: string; query: string };
  subject: Subject | null;
  app: { id: string } | null;
  call: Call | null;
  labels: Label[];
  /** The caller's JSON, or the SHA-256 (hex) of its bytes as received where policy gets no text; absent without a body. */
  body?: JsonDocument | { sha256: string };
}

/** A marshalled input document; nobody writes to its memory any more. */
export type InputBytes = Uint8Array;
