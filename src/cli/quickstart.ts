import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Config, Running } from '../gateway/index.ts';
import { createSandbox } from '../provider/index.ts';
import { openConfig } from './config-file.ts';
import { CliError, EXIT } from './exit.ts';
import { buildExample, initialise } from './init.ts';
import { invocation } from './installation.ts';
import { findOpa } from './opa.ts';
import { serve } from './start.ts';

const HELP = `
Makes a development set-up in the folder if there is none, builds its bundle if it was not built, and starts the gateway.
A vendor whose key is in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY) is called for real; the others are answered by a
sandbox in this process. Coding agents are governed too, once \`verdict hook install\` has written their hook.

Examples:
  verdict quickstart
  verdict quickstart --folder demo --port 0`;

/** The first token, kept so that a second start can show it again. A development set-up only does that. */
const TOKEN = 'development-token';

interface Options {
  folder: string;
  port?: number;
}

export function register(program: Command): void {
  program
    .command('quickstart')
    .summary('a gateway to try, with nothing to configure')
    .description('Start a gateway with development keys, the example policies and, without vendor keys, a sandbox.')
    .option('--folder <folder>', 'where the set-up is or will be', '.verdict')
    .option('--port <port>', 'TCP port, instead of the configured one; 0 takes a free one', parsePort)
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.stderr.write(`${await quickstart(options)}\n`);
    });
}

async function quickstart({ folder, port }: Options): Promise<string> {
  const token = await prepare(folder);
  const config = await openConfig(join(folder, 'verdict.yaml'));
  const sandbox = await startSandbox();
  const sandboxed = (['openai', 'anthropic'] as const).filter((name) => !hasKey(config, name));
  const providers = Object.fromEntries(sandboxed.map((name) => [name, { url: sandbox.url, key: 'none' as const }]));
  const listen = { ...config.listen, ...(port !== undefined && { port }) };
  const closeSandbox = (): void => {
    sandbox.server.close();
    sandbox.server.closeAllConnections();
  };
  try {
    const governed = { ...config, listen, providers: { ...config.providers, ...providers } };
    const running = await serve(governed, closeSandbox, config.listen);
    return welcome(running, folder, token, sandboxed);
  } catch (error) {
    closeSandbox(); // else the process would not end
    throw error;
  }
}

/** Makes what is not there yet; returns the development token. */
async function prepare(folder: string): Promise<string> {
  const say = (text: string): void => void process.stderr.write(`verdict: ${text}\n`);
  const tokenFile = join(folder, TOKEN);
  if (!existsSync(join(folder, 'verdict.yaml'))) {
    say(`making development keys, policies and a configuration in ${folder}`);
    const { token } = await initialise({ folder, now: new Date() });
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  }
  if (!existsSync(tokenFile)) {
    const start = `${invocation(process.cwd())} start --config ${join(folder, 'verdict.yaml')}`;
    throw new CliError(EXIT.usage, `${folder}: expected a set-up that quickstart made; start this one with '${start}'`);
  }
  if (!existsSync(join(folder, 'bundles', 'dist', 'default.tar.gz'))) {
    say('testing the policies and building their bundle');
    await buildExample(folder, await findOpa());
  }
  return (await readFile(tokenFile, 'utf8')).trim();
}

function hasKey(config: Config, name: 'openai' | 'anthropic'): boolean {
  const key = config.providers[name]?.key;
  return typeof key === 'object' && 'env' in key && Boolean(process.env[key.env]?.trim());
}

async function startSandbox(): Promise<{ server: Server; url: URL }> {
  const server = createServer(createSandbox());
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return { server, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

function welcome(
  { url, bundle, gateway }: Running,
  folder: string,
  token: string,
  sandboxed: readonly string[],
): string {
  const upstream =
    sandboxed.length > 0
      ? `SANDBOX answers for ${sandboxed.join(' and ')}: no vendor is called. Set OPENAI_API_KEY or ANTHROPIC_API_KEY for the real one.`
      : 'the real vendors answer, with the keys from the environment';
  return `
Verdict listens on ${url}
  upstream  ${upstream}
  policy    ${bundle.revision}, sha256 ${bundle.digest}
  log       ${gateway.config.audit.folder}
  token     ${token}   (development)

Try a call that policy allows, and one that it denies:

  curl ${url}/support/v1/chat/completions -H 'authorization: Bearer ${token}' -H 'content-type: application/json' \\
    -d '{"model": "gpt-5-mini", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}'

  curl ${url}/support/v1/chat/completions -H 'authorization: Bearer ${token}' -H 'content-type: application/json' \\
    -d '{"model": "gpt-5-pro", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}'

Have a coding agent ask before each command that it runs and each file that it touches:

  ${invocation(process.cwd())} hook install claude-code --url ${url} --token-file ${join(folder, TOKEN)}

Then check the log: ${invocation(process.cwd())} verify ${join(folder, 'audit')} --ca ${join(folder, 'pki', 'root.pem')}
Stop with Ctrl-C.`;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a TCP port, 0 to 65535.');
  return port;
}
