import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { inspect, type RegimeContext, testRuleset } from '../classify/index.ts';
import type { Label } from '../input/index.ts';
import { DEFAULT_LIMITS, type JsonDocument, type JsonValue, parse } from '../json/index.ts';
import { CliError, EXIT } from './exit.ts';
import { type Printer, printable, terminal } from './print.ts';
import { describeFailed, readRuleset } from './ruleset.ts';
import { readRulesetFolder } from './ruleset-folder.ts';

interface Options {
  policies?: string;
  route?: string;
  tenant?: string;
  jurisdiction?: string;
  mask: string[];
  masked?: boolean;
  json?: boolean;
}

const CONTEXT = 24;
const HELP = `
FILE is text, or the JSON body of a call; - is standard input. Nothing is sent anywhere.
Exit codes: 0 labelled; 1 an example comes out otherwise than it says; 2 usage or the rules; 3 a file cannot be read.

Examples:
  verdict classify prompt.txt
  verdict classify body.json --policies policies --jurisdiction DE
  verdict classify body.json --masked --mask secret --mask personal
  verdict classify test policies`;

export function register(program: Command, printer: () => Printer = terminal): void {
  const command = program
    .command('classify')
    .summary('show what the texts of a call are found to hold')
    .description('Label a text as the gateway would for policy, with what stands around each place.')
    .argument('<file>', 'text, or the JSON body of a call')
    .option('--policies <folder>', 'policies whose classify/ holds the rules (default: those built in alone)')
    .option('--route <id>', 'the route, for the labels of regulation')
    .option('--tenant <id>', 'the tenant, for the same')
    .option('--jurisdiction <code>', 'ISO 3166, for the same')
    .option('--masked', 'print the body as policy and record get it')
    .option('--mask <kind>', 'what is masked in it, with all kinds below (default: secret)', collect, [])
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options) => run(file, options, printer()));
  command
    .command('test')
    .description('Try the examples of the rules in a folder of policies.')
    .argument('[folder]', 'policies', 'policies')
    .action(async (folder: string) => {
      process.exitCode = await tryExamples(folder, printer());
    });
}

const collect = (kind: string, before: string[]): string[] => [...before, kind];

async function run(file: string, options: Options, printer: Printer): Promise<void> {
  const rules = readRuleset(options.policies === undefined ? undefined : await readRulesetFolder(options.policies));
  const body = readBody(file);
  const { route = null, tenant = null, jurisdiction = null } = options;
  const context: RegimeContext = { route, tenant, jurisdiction };
  const mask = options.mask.length > 0 ? options.mask : ['secret'];
  const { labels, masked } = inspect(body, { rules, context, mask });
  const lines = options.masked
    ? [Buffer.from(masked?.bytes ?? body.text).toString()]
    : options.json
      ? [JSON.stringify({ ruleset: rules.digest, labels })]
      : labels.flatMap((label) => linesOf(label, body));
  for (const line of lines) await printer.line(line);
}

async function tryExamples(folder: string, printer: Printer): Promise<number> {
  const rules = readRuleset(await readRulesetFolder(folder));
  const failed = testRuleset(rules);
  for (const line of describeFailed(failed)) await printer.line(line);
  const tried = rules.patterns.list.reduce(
    (sum, { examples, counterexamples }) => sum + examples.length + counterexamples.length,
    0,
  );
  await printer.line(`${tried} examples of ${rules.patterns.list.length} patterns, ${failed.length} not as they say`);
  return failed.length === 0 ? EXIT.fine : EXIT.finding;
}

/** The JSON of a call as it is; text as the one thing that a user says. */
function readBody(file: string): JsonDocument {
  const bytes = readFile(file);
  try {
    const body = parse(bytes, { ...DEFAULT_LIMITS, maxBytes: bytes.length });
    if (body.kind === 'object') return body;
  } catch {
    // text, then
  }
  const text = bytes.toString('utf8').toWellFormed();
  const wrapped = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: text }] }));
  return parse(wrapped, { ...DEFAULT_LIMITS, maxBytes: wrapped.length });
}

function readFile(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new CliError(EXIT.unable, `${file}: ${(error as Error).message}`);
  }
}

function linesOf({ stage, kind, where, confidence, rule, more }: Label, body: JsonDocument): string[] {
  const head = `${stage.padEnd(11)} ${kind.padEnd(34)} ${confidence.toFixed(2)}  ${rule}`;
  const rest = more === undefined ? [] : [`${' '.repeat(12)}and ${more} more of this kind`];
  if (!where) return [head, ...rest];
  const place = `${' '.repeat(12)}${where.pointer} (${where.role}) ${where.start}-${where.end}`;
  return [head, where.end > where.start ? `${place}  ${excerpt(where, body)}` : place, ...rest];
}

/** The text with a little of what stands around it. */
function excerpt({ pointer, key, start, end }: NonNullable<Label['where']>, body: JsonDocument): string {
  const name = unescapeToken(pointer.slice(pointer.lastIndexOf('/') + 1));
  const bytes = Buffer.from(key ? name : (valueAt(body, pointer)?.string() ?? ''));
  const before = bytes.toString('utf8', Math.max(0, start - CONTEXT), start).replace(/^\ufffd+/, '');
  const after = bytes.toString('utf8', end, end + CONTEXT).replace(/\ufffd+$/, '');
  const found = bytes.toString('utf8', start, Math.min(end, start + 4 * CONTEXT));
  return printable(`…${before}[${found}]${after}…`.replace(/\s+/g, ' '));
}

const unescapeToken = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

function valueAt(body: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = body;
  for (const token of pointer.split('/').slice(1)) {
    value = value?.kind === 'array' ? value.items()[Number(token)] : value?.get(unescapeToken(token));
  }
  return value;
}
