import type { JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';

/**
 * A client that folds case, as Go's decoder does, reads `Tool_Calls` as `tool_calls`, and would find a call where there is
 * none. Upper then lower also joins what simple folding leaves apart, such as 'ſ' and 's'.
 *
 * @param known keys that tell where calls are
 * @throws ProviderError if a key is one of them in other letters
 */
export function refuseMisspelt(value: JsonValue, known: ReadonlySet<string>, path: string): void {
  for (const [key] of value.entries()) {
    if (!known.has(key) && known.has(key.toUpperCase().toLowerCase())) {
      throw new ProviderError(path, 'keys in the case in which the vendor writes them');
    }
  }
}
