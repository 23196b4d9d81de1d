import type { ToolOrigin } from '../input/index.ts';
import type { JsonDocument } from '../json/index.ts';

/** One call of a tool, whoever announced it: a model in its response, an agent over MCP, a coding agent's hook. */
export interface ToolCall {
  /** The name that the tool is called by. */
  name: string;
  /**
   * `function` (JSON arguments), `custom` (free text: the arguments are one JSON string), else the tool's own type in its
   * dialect, such as `shell_call`, `resources/read`.
   */
  type: string;
  origin: ToolOrigin;
  /** The MCP server that the tool belongs to; null if none is named. */
  server: string | null;
  /** The id that the dialect gives the call; null if it gives none. */
  id: string | null;
  /** Strictly checked; undefined when what was sent is no exact JSON, too long or not complete. */
  arguments: JsonDocument | undefined;
  /** Where the agent works, as it says itself: an absolute path. */
  workspace?: string;
}
