import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { BundleError, open, type VerifiedBundle } from '../bundle/index.ts';
import { JsonError, parse } from '../json/index.ts';
import { Evaluator, PolicyError, SUPPORTED_BUILTINS } from '../policy/index.ts';
import { CliError, EXIT } from './exit.ts';
import { parseTime, readAnchors } from './log-folder.ts';
import { type Printer, terminal } from './print.ts';

interface Options {
  bundle: string;
  input: string;
  entrypoint: string;
  ca: string;
  at?: Date;
}

const HELP = `
Exit codes: 0 there is a decision, whatever it is; 1 the bundle was refused; 2 usage, an input that is not exact JSON included; 3 a file cannot be read.

Example:
  verdict decide --bundle bundles/dist/default.tar.gz --input input.json --ca pki/root.pem`;

export function register(program: Command, printer: () => Printer = terminal): void {
  program
    .command('decide')
    .summary('decide on one input document')
    .description(
      'Open a bundle and print its decision on an input document, in the exact bytes that a record would hold.',
    )
    .requiredOption('--bundle <file>', 'the bundle')
    .requiredOption('--input <file>', 'the input document, as it is (JSON); - reads standard input')
    .requiredOption('--ca <file>', 'PEM file of the root certificates that you trust')
    .option('--entrypoint <path>', 'the entrypoint', 'verdict/request')
    .option('--at <time>', 'the time at which the bundle must be valid, if not now', parseTime)
    .addHelpText('after', HELP)
    .action(async (options: Options) => run(options, printer()));
}

async function run(options: Options, printer: Printer): Promise<void> {
  const bundle = await openBundle(options);
  if (!bundle.entrypoints.includes(options.entrypoint)) {
    throw new CliError(
      EXIT.usage,
      `--entrypoint: expected one of ${bundle.entrypoints.join(', ')}, got ${options.entrypoint}`,
    );
  }
  const input = await readInput(options.input);
  const { json } = new Evaluator(bundle).decide(options.entrypoint, input);
  await printer.line(json);
}

async function openBundle(options: Options): Promise<VerifiedBundle> {
  const anchors = await readAnchors(options.ca);
  const bytes = await read('--bundle', options.bundle);
  try {
    return await open(bytes, { anchors, time: options.at ?? new Date(), builtins: SUPPORTED_BUILTINS });
  } catch (error) {
    if (error instanceof BundleError || error instanceof PolicyError) {
      throw new CliError(EXIT.finding, `--bundle ${options.bundle}: ${error.message}`);
    }
    throw error;
  }
}

async function readInput(path: string): Promise<Uint8Array> {
  const bytes = await read('--input', path);
  try {
    // White space around the document, such as an editor's last LF, is no part of it.
    return parse(bytes).raw();
  } catch (error) {
    if (error instanceof JsonError) throw new CliError(EXIT.usage, `--input ${path}: ${error.message}`);
    throw error;
  }
}

async function read(option: string, path: string): Promise<Uint8Array> {
  try {
    return await (path === '-' ? buffer(process.stdin) : readFile(path));
  } catch (error) {
    throw new CliError(
      EXIT.unable,
      `${option} ${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`,
    );
  }
}
