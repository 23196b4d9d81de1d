import type { Config } from './config.ts';
import { readSecret } from './files.ts';
import { openUpstream, type Upstream } from './forward.ts';

/** A vendor that calls can be forwarded to. */
export interface Vendor {
  upstream: Upstream;
  /** The vendor's key; it leaves the gateway only towards the vendor. */
  credential: string;
}

/** The vendors whose key is there; calls to the others are refused as UPSTREAM_CREDENTIAL_MISSING. */
export async function openVendors(config: Config, env: NodeJS.ProcessEnv): Promise<Map<string, Vendor>> {
  const vendors = new Map<string, Vendor>();
  for (const [name, provider] of Object.entries(config.providers)) {
    const credential = await readSecret(provider.key, env);
    if (credential === undefined) continue;
    vendors.set(name, { upstream: openUpstream(provider.url, config.limits), credential });
  }
  return vendors;
}
