import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unpackArchive } from '../../src/bundle/archive.ts';
import { build, sign } from '../../src/bundle/build.ts';
import { MANIFEST, OPA_SIGNATURE, SUMS, SUMS_SIGNATURE } from '../../src/bundle/files.ts';
import { type Manifest, marshalManifest, parseManifest } from '../../src/bundle/manifest.ts';
import { buildExample, initialise } from '../../src/cli/init.ts';
import { issueToken, marshalTokens, type TokenClaims } from '../../src/identity/index.ts';
import { openSigner, type Signer } from '../../src/pki/index.ts';
import { OPA } from '../support/opa.ts';
import { TEMPLATES } from '../support/templates.ts';

/** What a test may say of its configuration, over what every site has. */
export interface SiteOptions {
  providers: { openai: string; anthropic: string };
  /** By name, URL and key. */
  mcpServers?: Record<string, { url: string; key: object | 'none' }>;
  approvals?: object;
  limits?: Record<string, number>;
  oidc?: object[];
  routes?: object[];
  bundle?: object;
  audit?: { ca?: string; [key: string]: unknown };
  log?: object;
}

const DAY_MS = 86_400_000;

/** One route for each thing that a route can say. */
export const ROUTES = [
  { id: 'support', match: { path: '/support' }, policy: 'support' },
  { id: 'coding', match: { path: '/coding' }, policy: 'coding' },
  { id: 'vip', match: { path: '/support/vip' }, policy: 'coding' },
  { id: 'shadow', match: { path: '/shadow' }, policy: 'support', mode: 'shadow' },
  { id: 'blind', match: { path: '/blind' }, policy: 'support', text: 'digest' },
  { id: 'discreet', match: { path: '/discreet' }, policy: 'support', audit: { input: 'digest' } },
  { id: 'alpha', match: { path: '/apps', application: 'alpha' }, policy: 'support' },
  { id: 'beta', match: { path: '/apps', application: 'beta' }, policy: 'coding' },
  { id: 'chat', match: { path: '/mixed', provider: 'openai' }, policy: 'support' },
  { id: 'claude', match: { path: '/mixed', provider: 'anthropic' }, policy: 'coding' },
  { id: 'read', match: { path: '/read', methods: ['GET'] }, policy: 'support' },
];

/** A development set-up in a folder of its own, ready for `verdict start`. */
export class Site {
  readonly folder: string;
  /** The token of subject "developer", who has that role. */
  readonly token: string;
  /** The root that its log is verified by. */
  ca = '';

  private constructor(folder: string, token: string) {
    this.folder = folder;
    this.token = token;
  }

  static async make(options: SiteOptions): Promise<Site> {
    template ??= openTemplate();
    const { folder: from, token } = await template;
    const folder = await mkdtemp(join(tmpdir(), 'verdict-e2e-'));
    await cp(from, join(folder, 'site'), { recursive: true });
    const site = new Site(folder, token);
    await site.configure(options);
    return site;
  }

  path(...names: string[]): string {
    return join(this.folder, 'site', ...names);
  }

  get config(): string {
    return this.path('verdict.yaml');
  }

  get bundle(): string {
    return this.path('bundles', 'dist', 'default.tar.gz');
  }

  /** Writes verdict.yaml. JSON is YAML. */
  async configure({
    providers,
    mcpServers = {},
    approvals = {},
    limits = {},
    oidc = [],
    routes = ROUTES,
    bundle = {},
    audit = {},
    log = {},
  }: SiteOptions): Promise<void> {
    this.ca = this.path(audit?.ca ?? 'pki/root.pem');
    const config = {
      listen: { port: 0 },
      bundle: { path: 'bundles/dist/default.tar.gz', ca: 'pki/root.pem', ...bundle },
      audit: { folder: 'audit', certificate: 'pki/audit.pem', key: 'pki/audit.key', ca: 'pki/root.pem', ...audit },
      identity: { tokens: 'tokens.json', oidc },
      providers: {
        openai: { url: providers.openai, key: { env: 'E2E_OPENAI_KEY' } },
        anthropic: { url: providers.anthropic, key: { env: 'E2E_ANTHROPIC_KEY' } },
      },
      mcp_servers: mcpServers,
      approvals,
      routes,
      limits,
      log,
    };
    await writeFile(this.config, JSON.stringify(config, null, 2));
  }

  /** The key that bundles of this site are signed with. */
  async bundleSigner(): Promise<Signer> {
    const [certificatePem = '', keyPem = ''] = await Promise.all(
      ['bundle.pem', 'bundle.key'].map((name) => readFile(this.path('pki', name), 'utf8')),
    );
    return openSigner({ certificatePem, keyPem });
  }

  /** The bundle again, with another manifest, signed anew. */
  async bundleWith(changes: Partial<Manifest>, bytes?: Uint8Array): Promise<Uint8Array> {
    const files = new Map(await unpackArchive(bytes ?? (await readFile(this.bundle))));
    for (const name of [SUMS, SUMS_SIGNATURE, OPA_SIGNATURE]) files.delete(name);
    const manifest = parseManifest(files.get(MANIFEST) ?? new Uint8Array());
    files.set(MANIFEST, marshalManifest({ ...manifest, ...changes }));
    return (await sign(files, await this.bundleSigner())).bytes;
  }

  /** Puts another bundle in place as CI should: whole, by its name. */
  async placeBundle(bytes: Uint8Array): Promise<void> {
    await writeFile(`${this.bundle}.new`, bytes);
    await rename(`${this.bundle}.new`, this.bundle);
  }

  /**
   * Builds the bundle from one file of Rego in place of the example policies.
   * @param beside folders of the example policies that go in too
   */
  async buildPolicy(rego: string, entrypoints = ['verdict/request'], beside: string[] = []): Promise<void> {
    await mkdir(this.path('own'));
    for (const name of beside) await cp(this.path('policies', name), this.path('own', name), { recursive: true });
    await writeFile(this.path('own', 'own.rego'), rego);
    const oneTest =
      'package verdict_test\n\nimport data.verdict\n\ntest_undefined if not verdict.request with input as {}\n';
    await writeFile(this.path('own', 'own_test.rego'), oneTest);
    const spec = {
      name: 'default',
      revision: 'own',
      sequence: 1,
      sources: ['../own'],
      capabilities: '../policies/capabilities.json',
      entrypoints,
      roots: ['verdict', ...beside],
    };
    await writeFile(this.path('bundles', 'own.yaml'), JSON.stringify(spec));
    const outDir = this.path('bundles', 'dist');
    await build(this.path('bundles', 'own.yaml'), { opa: OPA, signer: await this.bundleSigner(), outDir });
  }

  /** Adds a token to the tokens file; for use before the gateway starts. */
  async issue(claims: Partial<TokenClaims>, issued = new Date()): Promise<string> {
    const usual = { subject: 'tester', roles: [], tenant: null, application: null };
    const expires = new Date(issued.getTime() + DAY_MS);
    const { token, record } = issueToken(randomBytes(38), { ...usual, expires, ...claims }, issued);
    const tokens = JSON.parse(await readFile(this.path('tokens.json'), 'utf8')).tokens;
    await writeFile(this.path('tokens.json'), marshalTokens([...tokens, record]));
    return token;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Made once in each process, and in a run of jest once for all of them, then copied: the policies' own tests take seconds. */
let template: Promise<Template> | undefined;

interface Template {
  folder: string;
  token: string;
}

async function openTemplate(): Promise<Template> {
  const shared = process.env[TEMPLATES];
  if (shared !== undefined) return shareTemplate(join(shared, 'template'));
  const folder = await mkdtemp(join(tmpdir(), 'verdict-e2e-template-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return makeTemplate(folder);
}

/** The first to come makes it, the others wait for it. */
async function shareTemplate(folder: string): Promise<Template> {
  const ready = join(folder, 'token');
  for (;;) {
    if (existsSync(ready)) return { folder: join(folder, 'site'), token: await readFile(ready, 'utf8') };
    const isFirst = await mkdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        return false;
      },
    );
    if (!isFirst) await sleep(100);
    else {
      try {
        const made = await makeTemplate(folder);
        await writeFile(`${ready}.draft`, made.token);
        await rename(`${ready}.draft`, ready);
      } catch (error) {
        await rm(folder, { recursive: true, force: true }); // the next one tries, and fails in its own name
        throw error;
      }
    }
  }
}

async function makeTemplate(folder: string): Promise<Template> {
  const site = join(folder, 'site');
  const { token } = await initialise({ folder: site, now: new Date() });
  await buildExample(site, OPA);
  return { folder: site, token };
}
