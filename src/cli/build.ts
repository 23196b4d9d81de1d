import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { BundleError, build } from '../bundle/index.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { findOpa } from './opa.ts';
import { type Printer, terminal } from './print.ts';
import { checkRuleset } from './ruleset.ts';
import { type KeyOptions, readSigner } from './signing-key.ts';

interface Options extends KeyOptions {
  out?: string;
  sourceCommit?: string;
  json?: boolean;
}

const HELP = `
Exit codes: 0 built; 1 a check or a Rego test failed; 2 usage, the bundle's file or the signing key; 3 OPA or a file cannot be used.
The same sources give the same policy.wasm and the same digest, wherever and whenever they are built.

Examples:
  verdict build
  verdict build bundles/default.yaml --p12 builder.p12 --out release`;

export function register(program: Command, printer: () => Printer = terminal): void {
  program
    .command('build')
    .summary('test policies and build a signed bundle of them')
    .description('Check and test the policies that a file names, compile them, and sign the bundle.')
    .argument('[file]', 'what goes in', 'bundles/default.yaml')
    .option('--cert <file>', 'PEM of the signing certificate and its intermediates')
    .option('--key <file>', 'PEM of its private key')
    .option('--p12 <file>', 'both in one PKCS#12 file')
    .option('--passphrase-env <name>', 'environment variable that holds the passphrase', 'VERDICT_BUNDLE_PASSPHRASE')
    .option('--out <folder>', 'where the bundle goes (default: dist beside the file)')
    .option('--source-commit <id>', 'the commit that the sources are of, for the manifest')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options) => run(file, options, printer()));
}

async function run(file: string, options: Options, printer: Printer): Promise<void> {
  const opa = await findOpa();
  const signer = await readSigner(options);
  const outDir = options.out ?? join(dirname(file), 'dist');
  const built = await build(file, {
    ...{ opa, signer, outDir, sourceCommit: options.sourceCommit },
    checkData: checkRuleset,
  }).catch(asCliError);
  const { path, digest, tests } = built;
  const lines = options.json
    ? [JSON.stringify({ path, digest, tests: { passed: tests.passed, coverage: tests.coverage } })]
    : [
        `${tests.passed} Rego tests passed, ${tests.coverage}% of lines covered`,
        `bundle ${path}`,
        `digest ${digest}`,
        `signed by ${signer.certificate.subject}`,
      ];
  for (const line of lines) await printer.line(line);
}

const CODES: Partial<Record<BundleError['code'], ExitCode>> = {
  BUNDLE_CHECK_FAILED: EXIT.finding,
  BUNDLE_TESTS_FAILED: EXIT.finding,
  BUNDLE_SPEC_INVALID: EXIT.usage,
  BUNDLE_DATA_INVALID: EXIT.usage,
  BUNDLE_FILE_NAME: EXIT.usage,
};

/** What a failed build says about whose turn it is. */
export function asCliError(error: unknown): never {
  if (!(error instanceof BundleError)) throw error;
  throw new CliError(CODES[error.code] ?? EXIT.unable, error.message);
}
