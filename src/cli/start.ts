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

/** Starts the gateway and has it stop with the process. */
export async function serve(config: Config, onStop: () => void = () => {}): Promise<Running> {
  const running = await startGateway({ config, env: process.env, version: VERSION }).catch(explain);
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

/** What a person can do about a port that cannot be had. */
function explain(error: NodeJS.ErrnoException & { address?: string; port?: number }): never {
  const place = `${error.address}:${error.port}`;
  const remedy = 'choose another port: listen in verdict.yaml, or --port of quickstart';
  if (error.code === 'EADDRINUSE')
    throw new CliError(EXIT.unable, `${place}: another program listens there; ${remedy}`);
  if (error.code === 'EACCES' && error.port !== undefined)
    throw new CliError(EXIT.unable, `${place}: this user may not listen there; ${remedy}`);
  throw error;
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
