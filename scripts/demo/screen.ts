import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What the demo prints, and what it expects. Colours on a terminal only, and not where NO_COLOR asks for none. */
export class Screen {
  /** Expectations so far. */
  checks = 0;
  readonly failures: string[] = [];

  line(text = ''): void {
    process.stdout.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line(`\n${this.paint('bold', text)}`);
  }

  /** One fact: what, then what came of it. */
  fact(name: string, text: string): void {
    this.line(`  ${name.padEnd(11)}${text}`);
  }

  /** Notes and shows what is not as expected; the demo goes on. */
  expect(what: string, actual: unknown, expected: unknown): void {
    this.checks++;
    const [came, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (came === wanted) return;
    const failure = `${what}: expected ${wanted}, got ${came}`;
    this.failures.push(failure);
    this.line(`  ${this.paint('red', 'FAILED')} ${failure}`);
  }

  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }
}
