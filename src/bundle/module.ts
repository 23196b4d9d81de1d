import { BundleError } from './error.ts';

/** Enough for OPA's own static data; the module is only asked what it is. */
const PAGES = { initial: 1024, maximum: 1024 };

/** What a compiled policy says about itself. */
export interface ModuleFacts {
  entrypoints: string[];
  /** Builtins that the host must bring. OPA's engine throws only when one is called, so they are read beforehand. */
  builtins: string[];
}

type Exports = Record<string, (...args: number[]) => number>;

/**
 * Asks a `policy.wasm` for its tables (OPA's WASM ABI 1.2 and later). Runs code of the module, so its bytes must be verified.
 * @throws BundleError BUNDLE_WASM_INVALID
 */
export function readModule(wasm: Uint8Array): ModuleFacts {
  try {
    const memory = new WebAssembly.Memory(PAGES);
    const refuse = (): never => {
      throw new Error('a module that calls its host to describe itself');
    };
    const names = ['abort', 'println', 'builtin0', 'builtin1', 'builtin2', 'builtin3', 'builtin4'];
    const env = Object.fromEntries(names.map((name) => [`opa_${name}`, refuse]));
    const module = new WebAssembly.Module(Buffer.from(wasm));
    const exports = new WebAssembly.Instance(module, { env: { memory, ...env } }).exports as unknown as Exports;
    return { entrypoints: keys(exports, memory, 'entrypoints'), builtins: keys(exports, memory, 'builtins') };
  } catch (error) {
    throw new BundleError(
      'BUNDLE_WASM_INVALID',
      `expected policy.wasm as OPA compiles it, got ${(error as Error).message}`,
    );
  }
}

function keys(exports: Exports, memory: WebAssembly.Memory, table: 'entrypoints' | 'builtins'): string[] {
  const address = exports.opa_json_dump?.(exports[table]?.() ?? 0) ?? 0;
  const bytes = Buffer.from(memory.buffer);
  return Object.keys(JSON.parse(bytes.toString('utf8', address, bytes.indexOf(0, address)))).sort();
}
