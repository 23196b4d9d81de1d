import type { Command } from 'commander';
import { type LogRecord, readLog, verify } from '../audit/index.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { openLogFolder, readAnchors } from './log-folder.ts';
import { type Printer, printable, terminal } from './print.ts';
import { recordDetails, recordLine } from './record-line.ts';
import { reportLines } from './report.ts';
import { isFine } from './verify.ts';

interface Options {
  ca?: string;
  id?: string;
  json?: boolean;
}

const HELP = `
Without --ca nothing is verified: lines are shown as they stand. With it, each record is shown once it is verified, up to the first bad one.
Exit codes: 0 shown; 1 a line that is no record, a finding, or no record with that id; 2 usage; 3 a file cannot be read.

Examples:
  verdict show audit --ca pki/root.pem
  verdict show audit --id 01a20f63-d2ed-7ba8-b001-3612cfc35444`;

export function register(program: Command, printer: () => Printer = terminal): void {
  program
    .command('show')
    .summary('print the records of a log for people')
    .description('Print one line per record, or everything about one call.')
    .argument('<log>', 'folder of a log')
    .option('--id <id>', 'everything about this record and the ones linked with it')
    .option('--ca <file>', 'verify with these root certificates, and show verified records only')
    .option('--json', "print the records' own JSON, one a line")
    .addHelpText('after', HELP)
    .action(async (log: string, options: Options) => {
      process.exitCode = await run(log, options, printer());
    });
}

/** The reader of our output has gone; that is no error. */
const GONE = new CliError(EXIT.fine, '');

async function run(path: string, options: Options, printer: Printer): Promise<ExitCode> {
  const view = new View(options, printer);
  try {
    const code = await (options.ca === undefined
      ? showUnverified(path, view, printer)
      : showVerified(path, options.ca, view, printer));
    if (options.id === undefined || view.shown > 0) return code;
    throw new CliError(EXIT.finding, printable(`no record ${options.id} in this log`));
  } catch (error) {
    if (error === GONE) return EXIT.fine;
    throw error;
  }
}

async function showUnverified(path: string, view: View, printer: Printer): Promise<ExitCode> {
  let code: ExitCode = EXIT.fine;
  for await (const { segment, line, record, bad } of readLog(await openLogFolder(path))) {
    if (record) await view.show(record);
    if (!bad) continue;
    code = EXIT.finding;
    if (!(await printer.line(`!! ${printable(segment)}, line ${line}: ${bad.code}: ${printable(bad.why)}`))) throw GONE;
  }
  return code;
}

async function showVerified(path: string, ca: string, view: View, printer: Printer): Promise<ExitCode> {
  const source = await openLogFolder(path);
  const anchors = await readAnchors(ca);
  const report = await verify(source, { anchors, time: new Date(), onRecord: (record) => view.show(record) });
  if (isFine(report)) return EXIT.fine;
  for (const line of reportLines(path, report).slice(0, 3)) await printer.line(`!! ${line.trim()}`);
  return EXIT.finding;
}

/** Whether a record tells of the decision of that id: its outcome, an approval, or a tool call that came of it. */
function isLinked(record: LogRecord, id: string): boolean {
  if (record.type === 'outcome' || record.type === 'approval') return record.text('decision') === id;
  return record.type === 'decision' && record.field('input').get('tool')?.get('parent')?.string() === id;
}

/** Prints the records that are asked for, as they come. */
class View {
  shown = 0;
  private readonly options: Options;
  private readonly printer: Printer;

  constructor(options: Options, printer: Printer) {
    this.options = options;
    this.printer = printer;
  }

  async show(record: LogRecord): Promise<void> {
    const { id, json } = this.options;
    if (id !== undefined && record.id !== id && !isLinked(record, id)) return;
    this.shown++;
    for (const line of this.lines(record, json, id)) {
      if (!(await this.printer.line(line))) throw GONE;
    }
  }

  private lines(record: LogRecord, json: boolean | undefined, id: string | undefined): string[] {
    if (json) return [Buffer.from(record.json).toString('utf8')];
    if (id !== undefined) return recordDetails(record).map(printable);
    return [printable(recordLine(record))];
  }
}
