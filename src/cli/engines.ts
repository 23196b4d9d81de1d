import { isDeepStrictEqual } from 'node:util';
import { type Compiled, compileRegoTests, REGO_TESTS, type Workshop } from '../bundle/index.ts';
import { parse } from '../json/index.ts';
import { type Decision, Evaluator } from '../policy/index.ts';

/** A decision that is not as it should be. */
export interface Difference {
  input: string;
  entrypoint: string;
  why: string;
}

export interface Comparison {
  decisions: number;
  differences: Difference[];
}

/**
 * Decides on every input at every entrypoint twice, by OPA and by the WebAssembly engine that the gateway uses: the two
 * have different builtins and numbers, and policies are tested in the one and run in the other. An input in a folder
 * `allow` or `deny` must also be decided so at the entrypoint of its phase.
 *
 * @param inputs JSON documents by path
 */
export async function compareEngines(
  workshop: Workshop,
  compiled: Compiled,
  entrypoints: readonly string[],
  inputs: ReadonlyMap<string, Uint8Array>,
): Promise<Comparison> {
  const evaluator = new Evaluator(compiled);
  const differences: Difference[] = [];
  for (const entrypoint of entrypoints) {
    const byOpa = await workshop.evaluate(entrypoint, inputs);
    for (const [input, bytes] of inputs) {
      const decision = evaluator.decide(entrypoint, bytes);
      const why = compare(byOpa[input], decision) ?? checkEffect(input, bytes, entrypoint, decision);
      if (why !== undefined) differences.push({ input, entrypoint, why });
    }
  }
  return { decisions: entrypoints.length * inputs.size, differences };
}

/** Runs the Rego tests, which OPA has passed, once more by the WebAssembly engine. */
export async function rerunRegoTests(workshop: Workshop, names: readonly string[]): Promise<Difference[]> {
  const evaluator = new Evaluator(await compileRegoTests(workshop, names));
  const { effect, reasons } = evaluator.decide(REGO_TESTS, Buffer.from('null'));
  if (effect === 'allow') return [];
  return reasons.map(({ message }) => ({
    input: 'Rego test',
    entrypoint: message,
    why: 'passes by OPA, fails by WebAssembly',
  }));
}

function compare(byOpa: unknown, decision: Decision): string | undefined {
  const byWasm = decision.json;
  // The engine denies in policy's place where OPA has no answer.
  const undefinedInBoth = byOpa === undefined && decision.reasons[0]?.code === 'POLICY_UNDEFINED';
  if (decision.fault ? undefinedInBoth : isDeepStrictEqual(JSON.parse(byWasm), byOpa)) return undefined;
  return `OPA: ${byOpa === undefined ? 'undefined' : JSON.stringify(byOpa)}\nWASM: ${byWasm}`;
}

function checkEffect(input: string, bytes: Uint8Array, entrypoint: string, decision: Decision): string | undefined {
  const expected = /(?:^|[\\/])(allow|deny)[\\/]/.exec(input)?.[1];
  const phase = parse(bytes).get('phase')?.string();
  if (expected === undefined || expected === decision.effect || entrypoint !== `verdict/${phase}`) return undefined;
  return `expected ${expected}, got ${decision.json}`;
}
