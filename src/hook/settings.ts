/** Whose settings: those of the person, below the home folder, or those of the project, below its root. */
export type Scope = 'user' | 'project';

/** What a hook's settings need to hold; how to write them without loss is for whoever edits the file. */
export interface HookSettings {
  /** The settings file's path below the home folder or the project's root. */
  readonly file: Readonly<Record<Scope, string>>;
  /** Whether the agent accepts comments in it. */
  readonly comments: boolean;
  /** The top-level keys that the agent wants beside `hooks`. */
  readonly base: Readonly<Record<string, unknown>>;
  /** The events before a tool runs; hooks stand in an array under each, in `hooks`. */
  readonly events: readonly string[];
  /** Whether hooks stand in groups with a matcher: `{matcher, hooks: [hook]}`. */
  readonly grouped: boolean;
  /** One hook; `command` is a line for a POSIX shell. */
  hook(command: string): Record<string, unknown>;
  /** What else the person must do. */
  readonly note?: string;
}

/**
 * The agent must wait for longer than the command does by itself (10 s): a command that the agent gives up on blocks
 * nothing (Claude Code before 2.1.295, Codex, Gemini, Copilot).
 */
export const PATIENCE_SECONDS = 60;
