export type {
  Call,
  Dialect,
  EndpointName,
  InputBytes,
  InputFields,
  Label,
  Message,
  Parameters,
  Provider,
  Role,
  Subject,
  Tool,
} from './document.ts';
export { Envelope } from './envelope.ts';
export { InputError, type InputErrorCode } from './error.ts';
export { marshalInput, withoutText } from './marshal.ts';
