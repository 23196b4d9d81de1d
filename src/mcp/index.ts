export { McpError, type McpErrorCode } from './error.ts';
export { EventFraming } from './events.ts';
export type { Framing, Piece } from './framing.ts';
export { type HeldReply, McpGate, type McpGateOptions, type McpStep } from './gate.ts';
export { negotiatedVersion, versionOfBodiless, versionOfLine, versionOfPost } from './governing.ts';
export { type CallJudgement, type Judgement, judge } from './judge.ts';
export { isBlankLine, LineFraming, LineSplitter, parseLine } from './lines.ts';
export type { ListItem } from './list.ts';
export {
  type Id,
  idText,
  type Message,
  type Messages,
  type Notification as McpNotification,
  parseMessages,
  type Request as McpRequest,
  type Response as McpResponse,
} from './message.ts';
export { LISTEN, type ListKind, TASK_LIST } from './methods.ts';
export { OpenRequests } from './open-requests.ts';
export { checkHost, checkOrigin } from './origin.ts';
export { checkParamHeaders, type ParamHeader } from './param-headers.ts';
export type { Question, ReplyContext, ReplyRuling } from './question.ts';
export {
  type Answer,
  faultAnswer,
  faultMessage,
  type McpRefusal,
  refusalAnswer,
  refusalMessage,
  refusalStatus,
  unsentRefusal,
} from './refusal.ts';
export { openReply, type Rendered, type Reply } from './reply.ts';
export { clientHeaders, endToEnd, type ResponseKind, responseKind, serverHeaders } from './transport.ts';
export { isModern, PROTOCOL_VERSIONS, type ProtocolVersion } from './version.ts';
