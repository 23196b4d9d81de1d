import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ANTHROPIC_KEY, OPENAI_KEY } from '../../upstream/index.ts';
import { MAIN } from '../program.ts';
import { Site, type SiteOptions } from '../site.ts';

/** A gateway's set-up, with one upstream in both vendors' place. */
export interface Place {
  config: string;
  /** Folder of the log. */
  log: string;
  /** PEM file of the root. */
  ca: string;
  token: string;
  /** Environment of the gateway. */
  env: NodeJS.ProcessEnv;
  site: Site;
}

export type PlaceOptions = Omit<SiteOptions, 'providers'> & { upstream: string };

export async function makePlace({ upstream, ...options }: PlaceOptions): Promise<Place> {
  if (!existsSync(MAIN)) throw new Error(`expected the built program at ${MAIN}: run 'npm run build' first`);
  const providers = { openai: upstream, anthropic: upstream };
  const site = await Site.make({ log: { level: 'error' }, ...options, providers });
  return {
    config: site.config,
    log: site.path('audit'),
    ca: site.path('pki', 'root.pem'),
    token: site.token,
    env: { E2E_OPENAI_KEY: OPENAI_KEY, E2E_ANTHROPIC_KEY: ANTHROPIC_KEY },
    site,
  };
}

/** What `verdict verify --json` says of a log, also where that is a finding. */
// biome-ignore lint/suspicious/noExplicitAny: the report's type is not what is under test, its text is
export function verifyLog(log: string, { ca }: Place): any {
  const args = [MAIN, 'verify', log, '--ca', ca, '--json'];
  try {
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env: plainEnv(), stdio: 'pipe' }));
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    if (status !== 1) throw new Error(`verify ended with ${status}: ${stderr}`);
    return JSON.parse(stdout);
  }
}

/** Without what jest sets for itself. */
export const plainEnv = (): NodeJS.ProcessEnv => ({ ...process.env, NODE_OPTIONS: '' });
