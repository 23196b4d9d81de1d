import type { Finding } from '../finding.ts';
import { findingOf } from './numbers.ts';

/** Fewer lines of code than this say nothing about a text: an example in an explanation. */
const LEAST_LINES = 4;
const LEAST_SIGNS = 80;
/** Unless one of them is what only programs have. */
const LEAST_CERTAIN = 2;
const LEAST_CERTAIN_SIGNS = 30;
/** Lines of other things that a block of code may hold in a row: blank ones, comments, data. */
const MOST_OTHERS = 4;
/** As much of a line as is looked at. */
const LINE = 200;

const FIRST_WORD =
  /^(?:import|export|from|package|using|#include|#define|#!\/|use|const|let|var|function|async|await|class|interface|enum|struct|impl|trait|fn|pub|def|return|if|else|elif|for|while|switch|case|try|catch|except|finally|raise|throw|public|private|protected|static|void|int|string|bool|func|type|module|namespace|template|SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|FROM|WHERE|JOIN|begin|end|then|fi|done|echo|sudo|@\w+|\}|\)|<\/?[a-z]\w*)(?![\w'])/;
const CALL =
  /[\w\])]\(|=>|->|::|\+=|-=|==|!=|&&|\|\||[\w\])]\s?=\s?[\w"'`[{(]|\w\.\w+[(.]|<\/\w|\/>|\$[\w@{(]|; (?:do|then)$/;
const END = /[;{}()[\],:\\>=]$|^(?:fi|done|esac|end)$/;
/** JSON and other data: a name in quotes, a colon. */
const DATA = /^["'][^"']{0,80}["']\s?:|^[-\w ]{1,40}: ?[^({=;]*$|^[[\]{}"'\d.,\s-]+$|^"[^"]*",?$/;
/** Prose has words with spaces between, and an end of sentence. */
const PROSE = /^(?:[A-Za-z',]+ ){5,}/;

/** Lines that are nothing else: how a file, a function, a class, a query or a rule begins in the commonest languages. */
const CERTAIN =
  /^(?:#!\/(?:usr|bin)|#include\s?[<"]|<\?php|(?:async )?def \w+\(.*:$|class \w+(?:\(.*\))?:$|from [\w.]+ import |import (?:[\w*{}, ]+ from )?["']|(?:pub )?(?:async )?fn \w+.*\{$|func (?:\(\w+ \*?\w+\) )?\w+\(.*\{$|(?:export )?(?:default )?(?:async )?function\*? ?\w*\(.*\{$|(?:export )?(?:const|let|var) \w+(?:: [^=]+)? = .*(?:[;({[]|=>)$|(?:public|private|protected)(?: static)?(?: final)? [\w<>[\]]+ \w+ ?\(|(?:export )?(?:abstract )?(?:class|interface|enum|struct|trait) \w+.*\{|(?:int|void|char) \w+\(.*\{?$|package \w+;?$|using [\w.]+;$|SELECT\b.{1,120}\bFROM\b|CREATE (?:OR REPLACE )?(?:TABLE|VIEW|FUNCTION|INDEX)\b|INSERT INTO \w+|UPDATE \w+ SET |DELETE FROM |(?:resource|data|variable|module|provider) "[\w-]+"(?: "[\w-]+")? \{$|@(?:media|import|keyframes)\b|[.#]?[a-z][\w.#: >-]{0,40} \{$|for .{1,60} in .{1,60}(?:; do|:)$|if \[\[? .* \]\]?; then$|(?:if|while|for) ?\(.*\) ?\{$|set -[euxo]|println!\(|FROM [\w./-]+:[\w.-]+$)/;

/** 2 for a line that is code, 1 for one that may be, 0 for another. */
function rank(line: string): number {
  // Cheap first: no line begins code with a digit.
  const first = line.charCodeAt(0);
  const marks = Number((first < 48 || first > 57) && FIRST_WORD.test(line)) + Number(END.test(line));
  // Most lines of prose end here.
  if (marks === 0 || DATA.test(line)) return 0;
  const all = marks + Number(CALL.test(line));
  return PROSE.test(line) && !/[;{}]$/.test(line) ? Math.max(0, all - 2) : Math.min(2, all);
}

interface Block {
  start: number;
  end: number;
  score: number;
  lines: number;
  others: number;
  certain: boolean;
}

/** Blocks of lines most of which are code, by their signs, first words and ends; fenced blocks count the same way. */
export function findSourceCode(text: string): Finding[] {
  const findings: Finding[] = [];
  let block: Block | undefined;
  let at = 0;
  while (at < text.length) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    let from = at;
    const edge = Math.min(next, at + LINE);
    while (from < edge && isBlank(text, from)) from++;
    let to = edge;
    while (to > from && isBlank(text, to - 1)) to--;
    const line = text.slice(from, to);
    const isShort = to - from < 2;
    const score =
      block !== undefined && block.lines > ESTABLISHED && isEnd(text.charCodeAt(to - 1))
        ? 2
        : isShort
          ? Number(to > from && /[{})\]]/.test(line))
          : rank(line);
    if (score > 0) {
      block ??= { start: from, end: to, score: 0, lines: 0, others: 0, certain: false };
      block.end = next;
      block.score += score;
      block.lines++;
      block.others = 0;
      // Long blocks need no certainty.
      if (block.lines < LEAST_LINES && !block.certain && CERTAIN.test(line)) {
        block.certain = true;
        block.score += 2 - score;
      }
    } else if (block !== undefined && ++block.others > MOST_OTHERS) {
      close(block, findings);
      block = undefined;
    }
    at = next + 1;
  }
  if (block !== undefined) close(block, findings);
  return findings;
}

/** A block of this many lines is code: another is one of it by its last sign. */
const ESTABLISHED = 16;
/** `;`, `{`, `}`. */
const isEnd = (code: number): boolean => code === 59 || code === 123 || code === 125;

const isBlank = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9 || code === 13;
};

function close({ start, end, score, lines, certain }: Block, findings: Finding[]): void {
  if (
    certain &&
    lines < LEAST_LINES + 2 &&
    lines >= LEAST_CERTAIN &&
    end - start >= LEAST_CERTAIN_SIGNS &&
    score >= lines * 1.2
  ) {
    findings.push(findingOf('source_code', start, end, lines > 2 ? 0.7 : 0.6));
    return;
  }
  if (lines < LEAST_LINES || end - start < LEAST_SIGNS || score < lines * 1.4) return;
  findings.push(findingOf('source_code', start, end, lines >= 8 ? 0.9 : 0.7));
}
