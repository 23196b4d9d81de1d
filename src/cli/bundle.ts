import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { BundleError, open, type VerifiedBundle } from '../bundle/index.ts';
import { SUPPORTED_BUILTINS } from '../policy/index.ts';
import { CliError, EXIT } from './exit.ts';
import { parseTime, readAnchors } from './log-folder.ts';
import { type Printer, printable, terminal } from './print.ts';

interface Options {
  ca: string;
  at?: Date;
  json?: boolean;
}

const HELP = `
Exit codes: 0 a good bundle; 1 the bundle was refused; 2 usage; 3 a file cannot be read.

Example:
  verdict bundle inspect bundles/dist/default.tar.gz --ca pki/root.pem`;

export function register(program: Command, printer: () => Printer = terminal): void {
  program
    .command('bundle')
    .summary('look at bundles')
    .description('Look at bundles.')
    .command('inspect')
    .summary('verify a bundle and print what is in it')
    .description('Verify a bundle as a gateway would, and print who signed it and what is in it.')
    .argument('<file>', 'the bundle')
    .requiredOption('--ca <file>', 'PEM file of the root certificates that you trust')
    .option('--at <time>', 'the time at which the bundle must be valid, if not now', parseTime)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options) => run(file, options, printer()));
}

async function run(file: string, options: Options, printer: Printer): Promise<void> {
  const anchors = await readAnchors(options.ca);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(EXIT.unable, `${file}: cannot be read (${error.code ?? error})`);
  });
  const time = options.at ?? new Date();
  const bundle = await open(bytes, { anchors, time, builtins: SUPPORTED_BUILTINS }).catch((error: unknown) => {
    if (!(error instanceof BundleError)) throw error;
    throw new CliError(EXIT.finding, `${file}: ${error.message}`);
  });
  const facts = describe(bundle);
  const lines = options.json ? [JSON.stringify(facts)] : describeLines(facts);
  for (const line of lines) await printer.line(line);
}

type Facts = ReturnType<typeof describe>;

function describe(bundle: VerifiedBundle) {
  const { signer, manifest } = bundle;
  return {
    digest: bundle.digest,
    revision: bundle.revision,
    sequence: bundle.sequence,
    entrypoints: bundle.entrypoints,
    roots: bundle.roots,
    not_before: manifest.notBefore?.toISOString() ?? null,
    not_after: manifest.notAfter?.toISOString() ?? null,
    decides_from: bundle.notBefore.toISOString(),
    decides_until: bundle.notAfter.toISOString(),
    opa_version: bundle.opaVersion,
    source_commit: bundle.sourceCommit ?? null,
    signer: {
      subject: signer.subject,
      issuer: signer.issuer,
      sha256: signer.sha256,
      not_after: signer.notAfter.toISOString(),
    },
    files: bundle.files,
  };
}

function describeLines(facts: Facts): string[] {
  const { signer } = facts;
  const isLimited = facts.not_before !== null || facts.not_after !== null;
  return [
    `digest       ${facts.digest}`,
    `revision     ${printable(facts.revision)}`,
    `sequence     ${facts.sequence}`,
    `entrypoints  ${printable(facts.entrypoints.join(', '))}`,
    `decides      ${facts.decides_from} to ${facts.decides_until}`,
    ...(isLimited ? [`manifest     ${facts.not_before ?? 'from the start'} to ${facts.not_after ?? 'no end'}`] : []),
    `compiled by  OPA ${printable(facts.opa_version)}${facts.source_commit ? ` from commit ${printable(facts.source_commit)}` : ''}`,
    `signed by    ${printable(signer.subject)}`,
    `issued by    ${printable(signer.issuer)}, valid until ${signer.not_after}`,
    '',
    ...facts.files.map(({ name, bytes, sha256 }) => `${sha256}  ${String(bytes).padStart(9)}  ${name}`),
  ];
}
