import type { Config } from './config.ts';
import { readSecret } from './files.ts';
import { Upstream } from './forward.ts';

/** A vendor that calls can be forwarded to. */
export interface Vendor {
  upstream: Upstream;
  /** The vendor's key; it leaves the gateway only towards the vendor. */
  credential: string;
}

/** The vendors whose key is there; calls to the others are refused as UPSTREAM_CREDENTIAL_MISSING. */
export async function openVendors(config: Config, env: NodeJS.ProcessEnv): Promise<Map<string, Vendor>> {
  const { upstream_timeout_ms, upstream_idle_timeout_ms, concurrent_calls } = config.limits;
  const vendors = new Map<string, Vendor>();
  for (const [name, provider] of Object.entries(config.providers)) {
    const credential = await readSecret(provider.key, env);
    if (credential === undefined) continue;
    const upstream = new Upstream({
      url: provider.url,
      timeoutMs: upstream_timeout_ms,
      idleTimeoutMs: upstream_idle_timeout_ms,
      maxSockets: concurrent_calls,
    });
    vendors.set(name, { upstream, credential });
  }
  return vendors;
}
