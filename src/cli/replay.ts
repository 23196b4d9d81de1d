import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { Head } from '../audit/index.ts';
import { type Replayed, type ReplaySummary, replayLog } from '../replay/index.ts';
import { BundleFolder } from './bundle-folder.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { openLogFolder, parseTime, readAnchors } from './log-folder.ts';
import { type Printer, printable, terminal } from './print.ts';
import { reportLines } from './report.ts';
import { collectHead, isFine, progress } from './verify.ts';

interface Options {
  ca: string;
  bundles: string;
  id?: string;
  at?: Date;
  head: Head[];
  json?: boolean;
  all?: boolean;
}

const HELP = `
Each decision is: match (the same bytes), mismatch, bundle_missing, input_withheld (the record holds digests in place of text), or
not_evaluated (the gateway decided by itself, or the engine failed). Matches are printed with --all or --id only.
Exit codes: 0 all that could be replayed match; 1 a mismatch, a missing bundle, or a finding in the log; 2 usage; 3 a file cannot be read.

Examples:
  verdict replay audit --bundles audit/bundles --ca pki/root.pem
  verdict replay audit --bundles audit/bundles --ca pki/root.pem --id 01a20f63-d2ed-7ba8-b001-3612cfc35444`;

export function register(program: Command, printer: () => Printer = terminal): void {
  program
    .command('replay')
    .summary('decide recorded calls again and compare')
    .description(
      'Verify a log, then decide each recorded call again on its own bytes and compare the decisions, byte by byte.',
    )
    .argument('<log>', 'folder of a log')
    .requiredOption('--bundles <folder>', 'folder of the bundles that were active')
    .requiredOption('--ca <file>', 'PEM file of the root certificates that you trust')
    .option('--id <id>', 'this decision only')
    .option('--at <time>', 'your time, if not now: no record may be from later', parseTime)
    .option(
      '--head <seq:sha256>',
      'a head seen before, which the log must still hold; may be repeated',
      collectHead,
      [],
    )
    .option('--all', 'print matches too')
    .option('--json', 'print one JSON object per decision, then one of totals')
    .addHelpText('after', HELP)
    .action(async (log: string, options: Options) => {
      process.exitCode = await run(log, options, printer());
    });
}

async function run(path: string, options: Options, printer: Printer): Promise<ExitCode> {
  const source = await openLogFolder(path);
  const summary = await replayLog(source, {
    anchors: await readAnchors(options.ca),
    bundles: await BundleFolder.open(options.bundles),
    time: options.at ?? new Date(),
    heads: options.head,
    threads: availableParallelism(),
    ...(options.id === undefined ? {} : { id: options.id }),
    onProgress: progress(source, printer),
    onReplayed: (replayed) => print(replayed, options, printer),
  });
  await printSummary(path, summary, options, printer);
  return exitCode(summary, options);
}

async function print({ record, outcome, details }: Replayed, options: Options, printer: Printer): Promise<void> {
  const { id, seq, time } = record;
  if (options.json) {
    await printer.line(JSON.stringify({ id, seq, time, outcome, details }));
    return;
  }
  if (outcome === 'match' && !options.all && options.id === undefined) return;
  await printer.line(`${time}  ${String(seq).padStart(6)}  ${id}  ${outcome}`);
  for (const detail of details) await printer.line(printable(`    ${detail}`));
}

async function printSummary(
  path: string,
  { report, counts }: ReplaySummary,
  options: Options,
  printer: Printer,
): Promise<void> {
  if (options.json) {
    await printer.line(JSON.stringify({ path, counts, log: report }));
    return;
  }
  for (const line of reportLines(path, report)) await printer.line(line);
  const totals = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  await printer.line(`replayed: ${totals.join(', ')}`);
  if (options.id !== undefined && replayed(counts) === 0)
    await printer.line(printable(`no decision ${options.id} in this log`));
}

const replayed = (counts: ReplaySummary['counts']): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

function exitCode({ report, counts }: ReplaySummary, { id }: Options): ExitCode {
  const found = counts.mismatch > 0 || counts.bundle_missing > 0 || (id !== undefined && replayed(counts) === 0);
  return found || !isFine(report) ? EXIT.finding : EXIT.fine;
}
