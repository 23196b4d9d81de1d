import type { Command } from 'commander';
import { type Config, type Running, startGateway } from '../gateway/index.ts';
import { openConfig } from './config-file.ts';
import { CliError, EXIT } from './exit.ts';
import { VERSION } from './version.ts';

const HELP = `
Stops on SIGTERM and SIGINT: finishes the calls on their way, closes the log, exits with 0. A changed bundle or tokens file
is taken into use within a second or two, and on SIGHUP.

Examples:
  verdict start
  verdict start --config /etc/verdict/verdict.yaml`;

type Listen = Pick<Config['listen'], 'host' | 'port'>;

/** How long a gateway on this machine may take to answer. */
const KNOCK_MS = 1000;

export function register(program: Command): void {
  program
    .command('start')
    .summary('start the gateway')
    .description('Start the gateway as its configuration says.')
    .option('--config <file>', 'configuration', 'verdict.yaml')
    .addHelpText('after', HELP)
    .action(async (options: { config: string }) => {
      const running = await serve(await openConfig(options.config));
      process.stderr.write(`${banner(running)}\n`);
    });
}

/**
 * Starts the gateway and has it stop with the process.
 * @param usual where a gateway of this configuration listens, unless it was told otherwise
 */
export async function serve(
  config: Config,
  onStop: () => void = () => {},
  usual: Listen = config.listen,
): Promise<Running> {
  const start = startGateway({ config, env: process.env, version: VERSION });
  const running = await start.catch((error) => explain(error, config, usual));
  const stop = (signal: string): void => {
    void running
      .stop(signal)
      .catch((error: unknown) => {
        process.stderr.write(`verdict: the log could not be closed: ${String(error)}\n`);
        process.exitCode = EXIT.unable;
      })
      .finally(onStop);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  process.on('SIGHUP', () => void running.reload());
  return running;
}

/** What a person can do about a port or a log that cannot be had. */
async function explain(
  error: NodeJS.ErrnoException & { address?: string; port?: number },
  { audit }: Config,
  usual: Listen,
): Promise<never> {
  if (error.code === 'AUDIT_LOCKED') {
    const place = await answeringAt(usual);
    const running = place ? `a gateway runs already on ${place}` : 'a gateway probably runs already';
    const remedy = 'stop that one first, or choose another folder';
    throw new CliError(EXIT.unable, `${audit.folder}: another process writes the log: ${running}; ${remedy}`);
  }
  const place = `${error.address}:${error.port}`;
  const remedy = 'choose another port: listen in verdict.yaml, or --port of quickstart';
  if (error.code === 'EADDRINUSE')
    throw new CliError(EXIT.unable, `${place}: another program listens there; ${remedy}`);
  if (error.code === 'EACCES' && error.port !== undefined)
    throw new CliError(EXIT.unable, `${place}: this user may not listen there; ${remedy}`);
  throw error;
}

/** Where a gateway listens, if one answers at the configured place; on a port that was free at its start nobody knows. */
async function answeringAt({ host, port }: Listen): Promise<string | undefined> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const { ok } = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(KNOCK_MS), redirect: 'error' });
    return ok ? url : undefined;
  } catch {
    return undefined;
  }
}

function banner({ url, bundle, gateway }: Running): string {
  const vendors = [...gateway.vendors.keys()];
  return [
    `verdict listens on ${url}`,
    `  policy   ${bundle.revision} (sequence ${bundle.sequence}, sha256 ${bundle.digest})`,
    `  log      ${gateway.config.audit.folder}`,
    vendors.length > 0
      ? `  vendors  ${vendors.join(', ')}`
      : '  vendors  none has a key, so every call will be refused: set the variables or files that verdict.yaml names',
  ].join('\n');
}
