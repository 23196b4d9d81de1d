import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { compareLogs, type Head, type LogSource, type Report, verify } from '../audit/index.ts';
import type { Certificate } from '../pki/index.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { openLogFolder, parseHead, parseTime, readAnchors } from './log-folder.ts';
import { type Printer, terminal } from './print.ts';
import { reportLines } from './report.ts';

interface Options {
  ca: string;
  at?: Date;
  head: Head[];
  json?: boolean;
}

const HELP = `
Exit codes: 0 every log is signed throughout; 1 a finding, a torn tail and an empty log included; 2 usage; 3 a file cannot be read.
Several logs are also compared with each other: two copies of one log that part ways are a fork, and an approval that was used at
two replicas is named.

Examples:
  verdict verify audit --ca pki/root.pem
  verdict verify audit --ca pki/root.pem --head 41:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`;

export function register(program: Command, printer: () => Printer = terminal): void {
  program
    .command('verify')
    .summary('check that a log is whole and signed')
    .description('Check every signature, certificate, sequence number and link of the chain in a log.')
    .argument('<log...>', 'folder of a log')
    .requiredOption('--ca <file>', 'PEM file of the root certificates that you trust')
    .option('--at <time>', 'your time, if not now: no record may be from later', parseTime)
    .option(
      '--head <seq:sha256>',
      'a head seen before, which the log must still hold; may be repeated',
      collectHead,
      [],
    )
    .option('--json', 'print one JSON object per log')
    .addHelpText('after', HELP)
    .action(async (logs: string[], options: Options) => {
      process.exitCode = await run(logs, options, printer());
    });
}

/** Takes `--head` once more. */
export function collectHead(text: string, before: Head[]): Head[] {
  return [...before, parseHead(text)];
}

interface Verified {
  path: string;
  source: LogSource;
  report: Report;
}

async function run(paths: string[], options: Options, printer: Printer): Promise<ExitCode> {
  const anchors = await readAnchors(options.ca);
  const verified: Verified[] = [];
  for (const path of paths) {
    const source = await openLogFolder(path);
    verified.push({ path, source, report: await verifyFolder(source, anchors, options, printer) });
  }
  await findForks(verified);
  findReused(verified);
  for (const { path, report } of verified) {
    const lines = options.json ? [JSON.stringify({ path, ...report })] : reportLines(path, report);
    for (const line of lines) await printer.line(line);
  }
  return verified.every(({ report }) => isFine(report) && report.reused.length === 0) ? EXIT.fine : EXIT.finding;
}

/** Only a log that is signed to its end is fine; see the table in the README. */
export const isFine = ({ outcome }: Report): boolean => outcome === 'signed' || outcome === 'anchored';

function verifyFolder(source: LogSource, anchors: Certificate[], options: Options, printer: Printer): Promise<Report> {
  return verify(source, {
    anchors,
    time: options.at ?? new Date(),
    heads: options.head,
    threads: availableParallelism(),
    onProgress: progress(source, printer),
  });
}

/** Draws how far a verification is. */
export function progress(source: LogSource, printer: Printer): (bytes: number, records: number) => void {
  const size = source.segments.reduce((sum, segment) => sum + segment.size, 0);
  let drawn = 0;
  return (bytes, records) => {
    const percent = Math.floor((bytes / Math.max(size, 1)) * 100);
    if (percent > drawn) printer.progress(`verifying ${percent}% (${records} records)`);
    drawn = Math.max(drawn, percent);
  };
}

/** Compares the logs that say they are one, and notes in both reports where they part ways. */
async function findForks(verified: Verified[]): Promise<void> {
  for (const [index, first] of verified.entries()) {
    for (const second of verified.slice(index + 1)) {
      if (first.report.log === null || first.report.log !== second.report.log) continue;
      const { common, relation } = await compareLogs(first.source, second.source);
      if (relation === 'parted') {
        noteFork(first, second, common);
        noteFork(second, first, common);
      }
      if (relation === 'first_shorter') noteShorter(first, second, common);
      if (relation === 'second_shorter') noteShorter(second, first, common);
    }
  }
}

/** Replicas share no memory, so an approval can be used once at each: their logs together tell. */
function findReused(verified: Verified[]): void {
  const first = new Map<string, { log: Verified; seq: number }>();
  for (const log of verified) {
    for (const { id, seq } of log.report.approvals) {
      const before = first.get(id);
      if (!before) first.set(id, { log, seq });
      // Two copies of one log say nothing new of each other.
      else if (before.log.report.log !== log.report.log) {
        log.report.reused.push({ id, seq, other: before.seq, path: before.log.path });
      }
    }
  }
}

/** A fork counts only within what was found good in both: else the finding already says which copy is bad. */
function noteFork({ report }: Verified, other: Verified, common: number): void {
  if (report.records <= common || other.report.records <= common) return;
  report.outcome = 'forked';
  const why = `record ${common} is another one in ${other.path}, and both are signed`;
  report.finding = { code: 'FORK', why, segment: null, line: null, seq: common };
}

function noteShorter({ report }: Verified, other: Verified, common: number): void {
  if (report.finding || other.report.records <= common) return;
  report.outcome = 'rolled_back';
  const why = `${other.path} continues this log with record ${common}`;
  report.finding = { code: 'HEAD_MISSING', why, segment: null, line: null, seq: common };
}
