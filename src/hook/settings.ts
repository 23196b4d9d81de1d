/** Whose settings: those of the person, below the home folder, or those of the project, below its root. */
export type Scope = 'user' | 'project';

/** Where in the settings a hook stands: under an event before a tool runs. */
export interface HookPlace {
  readonly event: string;
  /** A pattern of the agent's own for the tools that it runs for; undefined: all. */
  readonly matcher?: string;
  /** Only in settings of this scope. */
  readonly scope?: Scope;
}

/** What a hook's settings need to hold; how to write them without loss is for whoever edits the file. */
export interface HookSettings {
  /** The settings file's path below the home folder or the project's root. */
  readonly file: Readonly<Record<Scope, string>>;
  /** Whether the agent accepts comments in it. */
  readonly comments: boolean;
  /** The top-level keys that the agent wants beside `hooks`. */
  readonly base: Readonly<Record<string, unknown>>;
  /** Each action must meet one of them, and should meet no more. Hooks stand in an array under each event, in `hooks`. */
  readonly places: readonly HookPlace[];
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
