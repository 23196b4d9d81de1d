import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { build } from '../bundle/index.ts';
import { CONFIG_SCHEMA } from '../gateway/index.ts';
import { issueToken, marshalTokens } from '../identity/index.ts';
import { createDevelopmentPki, openSigner } from '../pki/index.ts';
import { asCliError } from './build.ts';
import { CliError, EXIT } from './exit.ts';
import { marshalStarter, STARTER, type Starter } from './init-config.ts';
import { INSTALLATION, invocation } from './installation.ts';
import { findOpa } from './opa.ts';
import { type Printer, terminal } from './print.ts';
import { checkRuleset } from './ruleset.ts';

const PKI_DAYS = 365;
const TOKEN_DAYS = 90;
const DAY_MS = 86_400_000;
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** What a folder must not hold yet. `audit` too: a log that other keys signed is not ours to go on with. */
const NAMES = ['verdict.yaml', 'verdict.schema.json', 'tokens.json', 'pki', 'policies', 'bundles', 'audit'];

const WARNING = `
  ************************************************************************
  *  DEVELOPMENT KEYS. The keys in pki/ are unprotected and signed by a  *
  *  root that was made on this machine: whoever can read them can sign  *
  *  policies and records. Use your own CA's for anything that counts.   *
  ************************************************************************
`;

export interface InitOptions {
  readonly folder: string;
  readonly now: Date;
  /** Differences from the usual first configuration. */
  readonly starter?: Partial<Starter>;
}

export interface Initialised {
  readonly folder: string;
  /** Path of verdict.yaml. */
  readonly config: string;
  /** Path of the root certificate's PEM file. */
  readonly ca: string;
  /** The first caller's token: stored nowhere, so this is the one time to show it. */
  readonly token: string;
}

export function register(program: Command, printer: () => Printer = terminal): void {
  program
    .command('init')
    .summary('make a development set-up')
    .description(
      'Make a folder with development keys, the example policies as a signed bundle, a configuration and a token.',
    )
    .argument('[folder]', 'where; it is made if it is not there', '.')
    .option('--port <port>', 'TCP port for the configuration', parsePort, STARTER.port)
    .option('--no-build', 'leave building the bundle to `verdict build`')
    .addHelpText(
      'after',
      '\nExit codes: 0 made; 2 the folder holds such files already; 3 OPA or a file cannot be used.',
    )
    .action((folder: string, options: { port: number; build: boolean }) => run(folder, options, printer()));
}

async function run(folder: string, options: { port: number; build: boolean }, printer: Printer): Promise<void> {
  const opa = options.build ? await findOpa() : undefined; // before anything is written
  const made = await initialise({ folder, now: new Date(), starter: { port: options.port } });
  process.stderr.write(`${WARNING}\n`);
  const here = resolve(folder) === resolve('.');
  const verdict = invocation(resolve(folder));
  await printer.line(`made ${NAMES.filter((name) => existsSync(join(folder, name))).join(', ')} in ${folder}`);
  await printer.line(`token for subject "developer", ${TOKEN_DAYS} days, shown this once:\n  ${made.token}`);
  if (opa !== undefined) await printer.line(`built and signed ${await buildExample(folder, opa)}`);
  const url = `http://${STARTER.host}:${options.port}`;
  const lines = [
    'next:',
    ...(here ? [] : [`  cd ${folder}`]),
    ...(opa === undefined ? [`  ${verdict} build bundles/default.yaml`] : []),
    "  export OPENAI_API_KEY=... ANTHROPIC_API_KEY=...   # the vendors' own keys; callers never see them",
    `  ${verdict} start`,
    `then give your SDK the token as API key, and as base URL ${url}/support/v1 (OpenAI) or ${url}/support (Anthropic).`,
  ];
  for (const line of lines) await printer.line(line);
}

/**
 * Makes a development set-up in a folder: keys and certificates, the example policies and what goes into their bundle,
 * a configuration, a first token. The bundle is not built yet.
 * Throws CliError when there is anything in the folder that it would overwrite.
 */
export async function initialise({ folder, now, starter }: InitOptions): Promise<Initialised> {
  const there = NAMES.filter((name) => existsSync(join(folder, name)));
  if (there.length > 0) {
    throw new CliError(EXIT.usage, `${folder}: expected a folder without ${there.join(', ')}; nothing is overwritten`);
  }
  await mkdir(folder, { recursive: true });
  await writePki(join(folder, 'pki'), now);
  await cp(join(INSTALLATION, 'policies'), join(folder, 'policies'), {
    recursive: true,
    force: false,
    errorOnExist: true,
  });
  await mkdir(join(folder, 'bundles'));
  await cp(join(INSTALLATION, 'bundles', 'default.yaml'), join(folder, 'bundles', 'default.yaml'));
  await write(join(folder, 'verdict.schema.json'), `${JSON.stringify(CONFIG_SCHEMA, null, 2)}\n`);
  const token = await writeFirstToken(join(folder, 'tokens.json'), now);
  const config = join(folder, 'verdict.yaml');
  await write(config, marshalStarter({ ...STARTER, ...starter }));
  return { folder, config, ca: join(folder, 'pki', 'root.pem'), token };
}

/** Builds and signs the example bundle where the configuration expects it; returns its path. */
export async function buildExample(folder: string, opa: string): Promise<string> {
  const [certificatePem, keyPem] = await Promise.all(
    ['bundle.pem', 'bundle.key'].map((name) => readFile(join(folder, 'pki', name), 'utf8')),
  );
  const signer = openSigner({ certificatePem: certificatePem ?? '', keyPem: keyPem ?? '' });
  const outDir = join(folder, 'bundles', 'dist');
  const built = await build(join(folder, 'bundles', 'default.yaml'), {
    opa,
    signer,
    outDir,
    checkData: checkRuleset,
  }).catch(asCliError);
  return built.path;
}

async function writePki(folder: string, now: Date): Promise<void> {
  await mkdir(folder, { mode: OWNER_ONLY_FOLDER });
  await chmod(folder, OWNER_ONLY_FOLDER);
  // Keys are committed by accident more easily than anything else.
  await write(join(folder, '.gitignore'), '*\n');
  for (const [name, { certificatePem, keyPem }] of Object.entries(createDevelopmentPki({ now, days: PKI_DAYS }))) {
    await write(join(folder, `${name}.key`), keyPem, OWNER_ONLY_FILE);
    await write(join(folder, `${name}.pem`), certificatePem);
  }
}

async function writeFirstToken(path: string, now: Date): Promise<string> {
  const { token, record } = issueToken(
    randomBytes(38),
    {
      subject: 'developer',
      roles: ['developer'],
      tenant: null,
      application: null,
      expires: new Date(now.getTime() + TOKEN_DAYS * DAY_MS),
    },
    now,
  );
  await write(path, marshalTokens([record]), OWNER_ONLY_FILE);
  return token;
}

/** Never over a file that came in between, nor through a link. */
async function write(path: string, text: string, mode = 0o644): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a TCP port, 0 to 65535.');
  return port;
}
