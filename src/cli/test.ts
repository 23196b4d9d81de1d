import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type RegoTests, readInputs, readSpec, runRegoTests, type Spec, Workshop } from '../bundle/index.ts';
import { JsonError, parse } from '../json/index.ts';
import { asCliError } from './build.ts';
import { type Comparison, compareEngines, rerunRegoTests } from './engines.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { findOpa } from './opa.ts';
import { type Printer, terminal } from './print.ts';
import { checkRuleset } from './ruleset.ts';

interface Options {
  json?: boolean;
}

type Testable = Pick<Spec, 'sources' | 'capabilities' | 'inputs' | 'entrypoints' | 'coverage'>;

const HELP = `
Exit codes: 0 all as expected; 1 a check or a Rego test failed, or the engines differ; 2 usage; 3 OPA or a file cannot be used.
A folder of policies may hold inputs/, where JSON documents below allow/ and deny/ must be decided so.

Examples:
  verdict test
  verdict test policies`;

export function register(program: Command, printer: () => Printer = terminal): void {
  program
    .command('test')
    .summary('test policies, and compare OPA with the engine of the gateway')
    .description('Run the Rego tests by OPA, then decide on a set of inputs by OPA and by WebAssembly and compare.')
    .argument('[path]', 'the file of a bundle, or a folder of policies', 'bundles/default.yaml')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (path: string, options: Options) => {
      process.exitCode = await run(path, options, printer());
    });
}

async function run(path: string, options: Options, printer: Printer): Promise<ExitCode> {
  const opa = await findOpa();
  const { tests, comparison } = await testPolicies(path, opa).catch(asCliError);
  const lines = options.json
    ? [JSON.stringify({ tests: { passed: tests.passed, coverage: tests.coverage }, ...comparison })]
    : describeLines(tests, comparison);
  for (const line of lines) await printer.line(line);
  return comparison.differences.length === 0 ? EXIT.fine : EXIT.finding;
}

async function testPolicies(path: string, opa: string): Promise<{ tests: RegoTests; comparison: Comparison }> {
  const spec = await readTestable(path);
  const inputs = new Map(spec.inputs === undefined ? [] : (await readInputs(spec.inputs)).map(checked));
  return Workshop.use(spec, opa, async (workshop) => {
    await workshop.check();
    const tests = await runRegoTests(workshop, spec.coverage);
    const compiled = await workshop.compile(spec.entrypoints);
    checkRuleset(compiled.data);
    const comparison = await compareEngines(workshop, compiled, spec.entrypoints, inputs);
    comparison.differences.push(...(await rerunRegoTests(workshop, tests.names)));
    return { tests, comparison };
  });
}

async function readTestable(path: string): Promise<Testable> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new CliError(EXIT.unable, `${path}: expected the file of a bundle or a folder of policies, got nothing`);
  if (!stats.isDirectory()) return readSpec(path);
  const inputs = join(path, 'inputs');
  return {
    sources: [path],
    capabilities: resolve(path, 'capabilities.json'),
    inputs: statSync(inputs, { throwIfNoEntry: false }) ? inputs : undefined,
    entrypoints: ['verdict/request', 'verdict/tool', 'verdict/response'],
    coverage: 0,
  };
}

function checked([name, bytes]: [string, Uint8Array]): [string, Uint8Array] {
  try {
    return [name, parse(bytes).raw()];
  } catch (error) {
    if (error instanceof JsonError) throw new CliError(EXIT.usage, `${name}: ${error.message}`);
    throw error;
  }
}

function describeLines(tests: RegoTests, { decisions, differences }: Comparison): string[] {
  return [
    `${tests.passed} Rego tests passed by OPA, ${tests.coverage}% of lines covered`,
    `${tests.passed} Rego tests and ${decisions} decisions by WebAssembly too: ${differences.length} not as expected`,
    ...differences.map(({ input, entrypoint, why }) => `\n${input} at ${entrypoint}\n${why}`),
  ];
}
