import type { DecisionDraft, Log } from '../audit/index.ts';
import type { Identity } from '../identity/index.ts';
import type { Signer } from '../pki/index.ts';
import type { Engine, Reason } from '../policy/index.ts';
import { Admission } from './admission.ts';
import type { Approvals } from './approval.ts';
import type { Bundles } from './bundles.ts';
import { type CallFacts, elapsedMicros } from './call.ts';
import type { Classifier } from './classifier.ts';
import type { Config } from './config.ts';
import { REASONS } from './reasons.ts';
import { Routes } from './routes.ts';
import type { McpServer } from './servers.ts';
import { type Logger, Metrics } from './telemetry.ts';
import type { Vendor } from './vendors.ts';

export interface GatewayParts {
  config: Config;
  log: Log;
  engine: Engine;
  classifier: Classifier;
  bundles: Bundles;
  identity: Identity;
  vendors: ReadonlyMap<string, Vendor>;
  servers: ReadonlyMap<string, McpServer>;
  approvals: Approvals;
  signer: Signer;
  logger: Logger;
}

/** All that a call's journey needs. Holds nothing of a call once that is over. */
export class Gateway {
  readonly config: Config;
  readonly log: Log;
  readonly engine: Engine;
  readonly classifier: Classifier;
  readonly bundles: Bundles;
  readonly identity: Identity;
  readonly vendors: ReadonlyMap<string, Vendor>;
  readonly servers: ReadonlyMap<string, McpServer>;
  readonly approvals: Approvals;
  readonly signer: Signer;
  readonly logger: Logger;
  readonly routes: Routes;
  readonly admission: Admission;
  readonly metrics: Metrics;
  /** Set once on the way out: calls on their way finish, new ones are refused. */
  stopping = false;
  /** Ends each response that stays open without anything happening: an MCP server's own stream. */
  readonly lasting = new Set<() => void>();

  constructor(parts: GatewayParts) {
    const { config } = parts;
    this.config = config;
    this.log = parts.log;
    this.engine = parts.engine;
    this.classifier = parts.classifier;
    this.bundles = parts.bundles;
    this.identity = parts.identity;
    this.vendors = parts.vendors;
    this.servers = parts.servers;
    this.approvals = parts.approvals;
    this.signer = parts.signer;
    this.logger = parts.logger;
    this.routes = new Routes(config.routes);
    this.admission = new Admission(config.limits.concurrent_calls, config.limits.in_flight_bytes);
    this.metrics = new Metrics(
      () => this.admission.inFlight,
      () => this.log.writable,
    );
  }

  /** Who may have them could be decided otherwise by now; clients that still may open them again. */
  endLasting(): void {
    for (const end of this.lasting) end();
  }

  /** One line and one count for a decision. Policy's codes are in the line; as a label only the gateway's closed set may stand. */
  tell(call: CallFacts, effect: DecisionDraft['effect_enforced'], reasons: readonly Reason[]): void {
    const micros = elapsedMicros(call);
    const route = call.route?.id ?? '';
    const first = reasons[0]?.code ?? '';
    const code = first === '' || Object.hasOwn(REASONS, first) ? first : 'POLICY';
    this.metrics.decisions.inc({ route, effect, code });
    this.metrics.decisionSeconds.observe(micros / 1e6);
    this.logger.info({
      decision: call.id,
      route,
      mode: call.route?.mode,
      method: call.method,
      endpoint: call.endpoint?.endpoint,
      effect,
      codes: reasons.map((reason) => reason.code),
      decided_us: micros,
      steps_us: call.steps,
    });
  }
}
