/** A fenced block of a Markdown page. */
export interface Block {
  /** Such as `sh`. */
  language: string;
  /** The word after the language: `output` for what the block before it prints. */
  role: string;
  text: string;
  /** Line of the page, from 1. */
  line: number;
}

/** What of a page a reader may type or rely on. */
export interface Page {
  blocks: Block[];
  /** Code within prose. */
  spans: string[];
  /** Targets of links. */
  links: string[];
  /** Lines outside of blocks. */
  prose: string[];
}

export function readPage(markdown: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: Block | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\S*) ?(.*)$/.exec(line);
    if (open && fence) open = undefined;
    else if (open) open.text += `${line}\n`;
    else if (fence) {
      open = { language: fence[1] ?? '', role: fence[2] ?? '', text: '', line: index + 1 };
      blocks.push(open);
    } else prose.push(line);
  }
  if (open) throw new Error(`line ${open.line}: a block without an end`);
  const text = prose.join('\n');
  return {
    blocks,
    prose,
    spans: [...text.matchAll(/`([^`]+)`/g)].map((match) => (match[1] ?? '').replace(/\s+/g, ' ')),
    links: [...text.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? ''),
  };
}
