export type {
  Action,
  Approval,
  Call,
  CommandAction,
  Dialect,
  EndpointName,
  FileAction,
  InputBytes,
  InputFields,
  Label,
  LabelPlace,
  Message,
  NetworkAction,
  OpaqueAction,
  Parameters,
  Provider,
  Role,
  Subject,
  Tool,
  ToolFields,
  ToolOrigin,
} from './document.ts';
export { Envelope } from './envelope.ts';
export { InputError, type InputErrorCode } from './error.ts';
export { marshalInput, withoutArguments, withoutText } from './marshal.ts';
