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
export type Dialect = 'openai-chat' | 'openai-responses' | 'openai-models' | 'anthropic-messages' | 'anthropic-models';
export type EndpointName = 'chat.completions' | 'responses' | 'messages' | 'models';
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

/** What classification found: in a text, or of the call as a whole. */
export interface Label {
  stage: 'sensitivity' | 'intent' | 'risk' | 'regulation';
  /** Dotted, from the general to the special: `secret.aws_access_key`, `payment.card`. */
  kind: string;
  /** Null where it is of the call as a whole. */
  where: LabelPlace | null;
  /** From 0 to 1. */
  confidence: number;
  /** The rule that found it. */
  rule: string;
  /** SHA-256 of the rules, hex. */
  ruleset: string;
  /** So many more of this kind are not listed. */
  more?: number;
}

/** Where a label's text stands in the body (or in a tool call's arguments) as it was sent, before anything was masked. */
export interface LabelPlace {
  /** JSON pointer (RFC 6901) to the string; to the member if it is a key. */
  pointer: string;
  key?: true;
  /** Whose text it is: what a `tool` gave back, a `document` that was handed over, the `tools` that are offered. */
  role: 'system' | 'user' | 'assistant' | 'tool' | 'document' | 'tools' | 'other';
  /** UTF-8 bytes of the string's value. */
  start: number;
  end: number;
}

/** Who announces a tool call: a model in its response, an agent over MCP, a coding agent's hook. */
export type ToolOrigin = 'model' | 'mcp' | 'hook';

/** A program that would run, its words as the shell would hand them over. */
export interface CommandAction {
  kind: 'command';
  /** Its words, the program's name first, quotes and escapes resolved. A part that only the run can tell stands as "$". */
  words: string[];
  /** What it is run by, outermost first: `sudo`, `env`, `xargs`, `sh -c`, `find -exec`, … */
  via: string[];
  /** Whether a word holds a variable, a substitution or a pattern that only the run can tell. */
  dynamic: boolean;
  /** Whether what it reads comes from another program (`curl … | sh`). */
  piped: boolean;
}

/** A file that would be touched. */
export interface FileAction {
  kind: 'file';
  access: 'read' | 'write' | 'delete';
  /** Absolute and normalised where the workspace is known, else as it was written; `~` stands for the home folder. */
  path: string;
  /** Where it lies; `unknown` if that cannot be told, be it for a variable in it. */
  place: 'workspace' | 'outside' | 'unknown';
}

/** A network destination. */
export interface NetworkAction {
  kind: 'network';
  /** Lower case, without port. */
  host: string;
  port: number | null;
}

/** Something that cannot be read: policy decides whether that is denied or asked. */
export interface OpaqueAction {
  kind: 'opaque';
  /** Why, in a few fixed words, such as `shell_syntax`. */
  why: string;
}

/** What a tool call would do, as far as its arguments tell. */
export type Action = CommandAction | FileAction | NetworkAction | OpaqueAction;

/** A tool call that is to be decided. */
export interface ToolFields {
  name: string;
  type: string;
  origin: ToolOrigin;
  server: string | null;
  /** The dialect's id of the call. */
  id: string | null;
  /** Id of the decision on the call that this one came from; null if it came by itself. */
  parent: string | null;
  /** Where the agent works, as it says itself; null if it does not. */
  workspace: string | null;
  /** Set when the caller sends the same call once more, with what an MCP server asked for (2026-07-28, `input_required`). */
  retry?: true;
  /** SHA-256 (hex) of the description under which the server listed the tool last; null if it did not, or nothing lists it. */
  description_sha256: string | null;
  actions: Action[];
  /** The approval that the caller presents, checked; null if none. */
  approval: Approval | null;
  /** Its arguments as sent, or the SHA-256 (hex) of their bytes where policy gets no text; null if they are no exact JSON. */
  arguments: JsonDocument | { sha256: string } | null;
}

/** That somebody with a role approved of a call. */
export interface Approval {
  id: string;
  /** Who approved: the subject's id and issuer, and the role that they approved by. */
  by: { id: string; issuer: string; role: string };
  /** RFC 3339. */
  at: string;
  expires: string;
}

/** What policy reads, without the body. */
export interface InputFields {
  phase: 'request' | 'tool';
  /** When the call arrived. */
  time: Date | string;
  route: { id: string; policy: string; mode: 'enforce' | 'shadow' } | null;
  http: { method: string; path: string; query: string };
  subject: Subject | null;
  app: { id: string } | null;
  call: Call | null;
  labels: readonly Label[];
  /** So many texts of `body`, or of the tool call's arguments, are replaced by placeholders. Absent if none is. */
  masked?: number | undefined;
  /** In the request phase: the approval that the caller presents, checked; absent without one. */
  approval?: Approval;
  /** In the tool phase. */
  tool?: ToolFields;
  /** The caller's JSON, or the SHA-256 (hex) of its bytes as received where policy gets no text; absent without a body. */
  body?: JsonDocument | { sha256: string };
}

/** A marshalled input document; nobody writes to its memory any more. */
export type InputBytes = Uint8Array;
