import { assemble, open, sign, type VerifiedBundle } from '../../src/bundle/index.ts';
import { Evaluator, SUPPORTED_BUILTINS } from '../../src/policy/index.ts';
import { decisionInput, HandLog, NOW, testPki } from '../audit/signed-log.ts';
import { compile } from '../support/opa.ts';

export const BEFORE = new Date(NOW.getTime() - 3600_000);
export const AFTER = new Date(NOW.getTime() + 3600_000);
export const ENTRYPOINT = 'verdict/request';
export const pki = testPki(BEFORE);

/** A policy that allows some models. */
const rego = (models: string[]): string => `package verdict

default request := {"effect": "deny", "obligations": [], "reasons": [{"code": "MODEL_NOT_ALLOWED", "message": "no"}]}
request := {"effect": "allow", "obligations": [], "reasons": []} if input.call.model in ${JSON.stringify(models)}
`;

/** A bundle as CI builds it, from such a policy. */
export async function bundleOf(models: string[], sequence: number, from = pki, time = AFTER): Promise<VerifiedBundle> {
  const source = rego(models);
  const { wasm, data } = compile(source, [ENTRYPOINT]);
  const spec = {
    name: 'test',
    revision: `r${sequence}`,
    sequence,
    sources: [],
    capabilities: '',
    entrypoints: [ENTRYPOINT],
    roots: ['verdict'],
    coverage: 0,
  };
  const contents = assemble(spec, { rego: new Map([['policy.rego', Buffer.from(source)]]), data, wasm });
  const { bytes } = await sign(contents, from.bundle);
  return open(bytes, { anchors: from.anchors, time, builtins: SUPPORTED_BUILTINS });
}

const reference = ({ digest, revision, sequence }: VerifiedBundle) => ({ digest, revision, sequence });

export function activate(log: HandLog, bundle: VerifiedBundle): void {
  log.add('bundle_activated', { bundle: reference(bundle), previous: null, rollback: false });
}

/** Records the decision that a bundle takes on a call of this model, announcing the bundle first if need be; returns its id. */
export function decide(
  log: HandLog,
  bundle: VerifiedBundle,
  model: string,
  changes: Record<string, unknown> = {},
): string {
  const announced = (line: Buffer): boolean =>
    line.includes('"type":"bundle_activated"') && line.includes(bundle.digest);
  if (!log.lines.some(announced)) activate(log, bundle);
  const input = { ...decisionInput(), call: { model } };
  const { effect, json } = new Evaluator(bundle).decide(ENTRYPOINT, Buffer.from(JSON.stringify(input)));
  const result: unknown = JSON.parse(json);
  const forwarded = effect === 'allow' ? 'forward' : 'refuse';
  log.decision({ bundle: reference(bundle), result, effect_enforced: forwarded, ...changes }, input);
  return `0193c0de-0000-7000-8000-${(log.lines.length - 1).toString(16).padStart(12, '0')}`;
}

export const openedLog = (): HandLog => new HandLog(pki.audit).opened();
