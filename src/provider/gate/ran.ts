import type { RanTool } from './gate.ts';

/** An outcome names them all. */
const MOST_TOOLS = 64;

/** The tools that ran at the provider, each once. */
export class RanTools {
  private readonly tools = new Map<string, RanTool>();

  get list(): RanTool[] {
    return [...this.tools.values()];
  }

  add(type: string, name?: string, server?: string): void {
    const tool: RanTool = { type: clip(type), name: name ? clip(name) : null, server: server ? clip(server) : null };
    if (this.tools.size < MOST_TOOLS) this.tools.set(JSON.stringify(Object.values(tool)), tool);
  }
}

const LONGEST = 128;
const clip = (text: string): string => text.slice(0, LONGEST);
