import { BundleError } from './error.ts';
import type { Compiled, Workshop } from './workshop.ts';

/** What OPA's own test runner said. */
export interface RegoTests {
  passed: number;
  /** References to the tests, such as `data.org.identity_test.test_known`. */
  names: string[];
  /** Percent of lines covered. */
  coverage: number;
}

interface TestResult {
  package: string;
  name: string;
}

interface CoverageReport {
  coverage: number;
  files?: Record<string, { not_covered?: { start: { row: number }; end: { row: number } }[] }>;
}

/** OPA gives each test five seconds, which one of many cases can take on a machine that is busy. */
const OPA_TEST = ['test', '--bundle', '.', '--timeout', '60s'];

/**
 * Runs the Rego tests of a workshop.
 * @param leastCoverage percent of lines
 * @throws BundleError BUNDLE_TESTS_FAILED with OPA's report, if one fails or is put off, none is found, or too little is covered
 */
export async function runRegoTests(workshop: Workshop, leastCoverage: number): Promise<RegoTests> {
  const [run, covered] = await Promise.all([
    workshop.run([...OPA_TEST, '--format', 'json']),
    workshop.run([...OPA_TEST, '--coverage']),
  ]);
  const results = parse<TestResult[]>(run.stdout) ?? [];
  if (!run.ok || results.length === 0) {
    const report = await workshop.run(OPA_TEST);
    const text = [report.stdout, report.stderr].join('\n').trim();
    throw new BundleError('BUNDLE_TESTS_FAILED', `opa test:\n${text || 'no tests were found'}`);
  }
  const report = parse<CoverageReport>(covered.stdout);
  const coverage = report?.coverage ?? 0;
  if (coverage < leastCoverage) {
    throw new BundleError(
      'BUNDLE_TESTS_FAILED',
      `expected ${leastCoverage} % coverage, got ${coverage} %: ${uncovered(report)}`,
    );
  }
  const names = results.map((result) => `${result.package}.${result.name}`);
  return { passed: results.length, names, coverage };
}

/** Where `compileRegoTests` puts the answer. */
export const REGO_TESTS = 'verdict_rego_tests/decision';

/**
 * Compiles the tests themselves to WebAssembly, behind one decision: allow if all of them hold, else a denial that names
 * those that do not. So they can be run by the engine that will run the policies.
 */
export function compileRegoTests(
  workshop: Workshop,
  names: readonly string[],
): Promise<Pick<Compiled, 'wasm' | 'data'>> {
  const module = [
    'package verdict_rego_tests',
    'decision := {"effect": "allow", "reasons": [], "obligations": []} if count(failed) == 0',
    'decision := {"effect": "deny", "reasons": array.slice(sort(failed), 0, 100), "obligations": []} if count(failed) > 0',
    ...names.map(
      (name) => `failed contains {"code": "REGO_TEST_FAILED", "message": ${JSON.stringify(name)}} if not ${name}`,
    ),
  ];
  return workshop.compileTests(`${module.join('\n')}\n`, REGO_TESTS);
}

function uncovered(report: CoverageReport | undefined): string {
  const lines = Object.entries(report?.files ?? {}).flatMap(([file, { not_covered = [] }]) =>
    not_covered.map(({ start, end }) => `${file}:${start.row}${end.row > start.row ? `-${end.row}` : ''}`),
  );
  return [...new Set(lines)].slice(0, 20).join(', ');
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined; // OPA prints errors of the whole run as text
  }
}
