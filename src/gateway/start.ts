import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { Log } from '../audit/index.ts';
import type { VerifiedBundle } from '../bundle/index.ts';
import { Identity } from '../identity/index.ts';
import { Engine } from '../policy/index.ts';
import { Approvals } from './approval.ts';
import { Bundles } from './bundles.ts';
import { Classifier } from './classifier.ts';
import type { Config } from './config.ts';
import { readAnchors, readApprovalKey, readSigner, readTokens } from './files.ts';
import { Gateway } from './gateway.ts';
import { fetchKeys } from './jwks.ts';
import { createGatewayServer } from './server.ts';
import { openServers } from './servers.ts';
import { createLogger } from './telemetry.ts';
import { openVendors } from './vendors.ts';
import { watchFiles } from './watch.ts';

/** For calls to end after their connections were closed. */
const LAST_MOMENT_MS = 2000;

/** A gateway that takes calls. */
export interface Running {
  /** Base URL, with the port that was really taken. */
  readonly url: string;
  readonly gateway: Gateway;
  /** The bundle that decides first. */
  readonly bundle: VerifiedBundle;
  /** Reads bundle and tokens again, as a change of their files does. */
  reload(): Promise<void>;
  /** Finishes what is in flight, writes `log_closed`, closes the port. */
  stop(reason: string): Promise<void>;
}

export interface Start {
  config: Config;
  env: NodeJS.ProcessEnv;
  /** What `log_opened` says of the program. */
  version: string;
  /** Module URL of a stand-in for the log's disk, which tests use to make it fail. */
  disk?: URL;
}

/**
 * Opens all that the configuration names and listens: the log first, since whatever happens next is recorded in it; then
 * the bundle; then the port. What cannot be opened is refused, and nothing stays open.
 */
export async function startGateway({ config, env, version, disk }: Start): Promise<Running> {
  // Bodies lie outside V8's heap; by its usual rule each 64 MB of them would set off a collection of the whole heap.
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  const logger = createLogger(config.log.level);
  const signer = await readSigner(config.audit.signer, env);
  const identity = new Identity({
    tokens: await readTokens(config.identity.tokens),
    oidc: config.identity.oidc,
    fetchKeys,
  });
  const vendors = await openVendors(config, env);
  const secret = await readApprovalKey(config, env);
  const servers = await openServers(config, env, secret);
  const { minutes } = config.approvals;
  const approvalsSince = secret === undefined ? undefined : Approvals.usesSince(minutes, new Date());
  const close: (() => Promise<unknown>)[] = [];
  try {
    const log = await Log.open({
      folder: config.audit.folder,
      signer,
      anchors: await readAnchors(config.audit.ca),
      segmentBytes: config.audit.segment_bytes,
      software: { name: 'verdict', version },
      now: () => new Date(),
      approvalsSince,
      disk,
      onFailure: (failure) =>
        failure ? logger.error({ code: failure.code }, failure.message) : logger.info('the log takes records again'),
    });
    close.push(() => log.close('start_failed'));
    await log.event({ type: 'config_activated', config_sha256: config.config_sha256 });
    const before = log.usedApprovals;
    const approvals = new Approvals({ secret, minutes, before });
    if (approvalsSince && before.since !== null && new Date(before.since) > approvalsSince)
      logger.warn({ since: before.since }, 'approvals that were asked for before then must be asked for again');
    const { policy_deadline_ms, policy_memory_bytes, classify_timeout_ms } = config.limits;
    const engine = new Engine({ deadlineMs: policy_deadline_ms, memoryBytes: policy_memory_bytes });
    close.push(() => engine.stop());
    const classifier = new Classifier({ deadlineMs: classify_timeout_ms });
    close.push(() => classifier.stop());
    const bundles = new Bundles({
      path: config.bundle.path,
      anchors: await readAnchors(config.bundle.ca),
      revoked: new Set(config.bundle.revoked),
      allowRollback: config.bundle.allow_rollback,
      keep: join(config.audit.folder, 'bundles'),
      engine,
      log,
    });
    const bundle = await bundles.activate();
    if (bundles.current && config.routes.some(({ classify }) => classify)) await classifier.warm(bundles.current.rules);
    const gateway = new Gateway({
      config,
      log,
      engine,
      classifier,
      bundles,
      identity,
      vendors,
      servers,
      approvals,
      signer,
      logger,
    });
    warnOfShadow(gateway);
    const server = createGatewayServer(gateway);
    const url = await listen(server, config);
    return run(gateway, server, url, bundle);
  } catch (error) {
    for (const undo of close.reverse()) await undo();
    throw error;
  }
}

/** That is what shadow means; but an agent has nothing else that would hold it back. */
function warnOfShadow({ config, logger }: Gateway): void {
  for (const { id, kind, mode } of config.routes) {
    if (kind === 'hook' && mode === 'shadow')
      logger.warn({ route: id }, 'a route for hooks is in shadow: agents may run whatever policy denies');
  }
}

function listen(server: Server, { listen: { host, port } }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      const { port: taken } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`);
    });
  });
}

function run(gateway: Gateway, server: Server, url: string, bundle: VerifiedBundle): Running {
  const { config, logger } = gateway;
  const reloadBundle = async (): Promise<void> => {
    try {
      const { digest, revision, sequence } = await gateway.bundles.activate();
      gateway.endLasting();
      logger.info({ digest, revision, sequence }, 'bundle activated');
    } catch (error) {
      logger.error({ error: String(error) }, 'the bundle was not activated; the one before it goes on deciding');
    }
  };
  const reloadTokens = async (): Promise<void> => {
    try {
      gateway.identity.replaceTokens(await readTokens(config.identity.tokens));
      gateway.endLasting();
      logger.info('tokens read');
    } catch (error) {
      gateway.identity.replaceTokens(undefined); // fail closed: which tokens were revoked is not known
      gateway.endLasting();
      logger.error({ error: String(error) }, 'the tokens cannot be read; none is accepted');
    }
  };
  const unwatch = watchFiles({ [config.bundle.path]: reloadBundle, [config.identity.tokens ?? '']: reloadTokens });
  let stopped: Promise<void> | undefined;
  return {
    url,
    gateway,
    bundle,
    reload: async () => void (await Promise.all([reloadBundle(), reloadTokens()])),
    stop: (reason) => {
      unwatch();
      stopped ??= stop(gateway, server, reason);
      return stopped;
    },
  };
}

/** The port stays open until the last call is over: a new call hears that it must go elsewhere, and so does `/readyz`. */
async function stop(gateway: Gateway, server: Server, reason: string): Promise<void> {
  gateway.stopping = true;
  gateway.endLasting();
  const { stop_timeout_ms } = gateway.config.limits;
  const late = setTimeout(() => server.close().closeAllConnections(), stop_timeout_ms);
  const done = async (): Promise<void> => {
    await gateway.admission.drained();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections(); // those that are kept, with nothing under way
    await closed;
  };
  // Whatever a call may be waiting for, the log is closed in the end.
  await Promise.race([done(), sleep(stop_timeout_ms + LAST_MOMENT_MS, undefined, { ref: false })]);
  clearTimeout(late);
  for (const { upstream } of [...gateway.vendors.values(), ...gateway.servers.values()]) upstream.close();
  await gateway.classifier.stop();
  await gateway.engine.stop();
  await gateway.log.close(reason);
  await new Promise<void>((resolve) => gateway.logger.flush(() => resolve()));
}
