import * as opaWasm from '@open-policy-agent/opa-wasm';
import { check, DEFAULT_LIMITS, JsonError } from '../json/index.ts';
import { type Decision, fault, parseResultSet } from './decision.ts';
import { PolicyError } from './error.ts';

// The package's types name loadPolicySync, but its ESM entry hands it out only with the default export.
const { loadPolicySync } = (opaWasm as unknown as { default: typeof opaWasm }).default;
type LoadedPolicy = opaWasm.LoadedPolicy;

/** The engine's name and version as every decision record carries it. */
export const ENGINE = 'opa-wasm/1.10.0';

/**
 * Builtins that the host implements and that behave as a pure function of their arguments. The library brings more
 * (yaml.*, regex.split), but those differ from Go's or take more than linear time, so a bundle that needs them is refused.
 */
export const SUPPORTED_BUILTINS: ReadonlySet<string> = new Set(['sprintf', 'json.is_valid']);

const PAGE = 64 * 1024;
/** Inputs above this leave megabytes of touched memory behind; the instance is replaced so that they are given back. */
const RECYCLE_BYTES = 4 * 1024 * 1024;
const INPUT_LIMITS = { ...DEFAULT_LIMITS, maxBytes: 64 * 1024 * 1024, maxDepth: 80, refuseCaseCollisions: false };

/** What an evaluator needs of a bundle. */
export interface PolicySource {
  /** OPA's policy.wasm, compiled or as bytes. */
  wasm: Uint8Array | WebAssembly.Module;
  /** The bundle's data.json. */
  data: Uint8Array;
}

/** Memory for one instance, in bytes. Nothing is committed before it is touched. */
export const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024;

/**
 * OPA's WASM policy behind one function. Synchronous and unguarded in time: the gateway runs it in a worker that a
 * watchdog can end (engine.ts); the command-line tools call it directly.
 */
export class Evaluator {
  private readonly module: WebAssembly.Module;
  private readonly data: ArrayBuffer;
  private readonly pages: number;
  private instance: LoadedPolicy | undefined;

  /** @throws PolicyError POLICY_LOAD_FAILED, POLICY_BUILTIN_MISSING */
  constructor(source: PolicySource, memoryBytes: number = DEFAULT_MEMORY_BYTES) {
    try {
      this.module =
        source.wasm instanceof WebAssembly.Module ? source.wasm : new WebAssembly.Module(Buffer.from(source.wasm));
      this.data = exactBuffer(source.data);
      check(source.data, { ...INPUT_LIMITS, maxDepth: 1000 });
      this.pages = Math.ceil(memoryBytes / PAGE);
      this.instance = this.instantiate();
    } catch (error) {
      if (error instanceof PolicyError) throw error;
      throw new PolicyError(
        'POLICY_LOAD_FAILED',
        `expected a policy.wasm and data.json made by OPA, got ${describe(error)}`,
      );
    }
  }

  /** The entrypoints that the policy was compiled with, such as `verdict/request`. */
  get entrypoints(): string[] {
    return Object.keys(this.instance?.entrypoints ?? {});
  }

  /**
   * Decides on one input document. Never throws for what input or policy do: bad JSON, a trap, exhausted memory or an
   * unknown entrypoint deny as POLICY_ERROR.
   */
  decide(entrypoint: string, input: Uint8Array): Decision {
    try {
      // OPA turns bytes that it cannot parse into an undefined input without an error, which a deny-list would allow.
      check(input, INPUT_LIMITS);
    } catch (error) {
      if (error instanceof JsonError) return fault('POLICY_ERROR');
      throw error;
    }
    return this.decideExact(entrypoint, input);
  }

  /** As {@link decide}, for bytes that were composed of checked parts. */
  decideExact(entrypoint: string, input: Uint8Array): Decision {
    let instance = this.instance;
    this.instance = undefined; // stays so if the evaluation throws: a throw across WASM leaks its stack
    try {
      instance ??= this.instantiate();
      const decision = parseResultSet(instance.evaluate(lent(input), entrypoint));
      if (input.byteLength < RECYCLE_BYTES) this.instance = instance;
      return decision;
    } catch {
      return fault('POLICY_ERROR');
    }
  }

  private instantiate(): LoadedPolicy {
    // All memory from the start: growing inside an evaluation can take seconds.
    const instance = loadPolicySync(this.module as unknown as BufferSource, {
      initial: this.pages,
      maximum: this.pages,
    });
    const missing = requiredBuiltins(instance).filter((name) => !SUPPORTED_BUILTINS.has(name));
    if (missing.length > 0) {
      throw new PolicyError(
        'POLICY_BUILTIN_MISSING',
        `expected only ${[...SUPPORTED_BUILTINS].join(', ')}, got ${missing.join(', ')}`,
      );
    }
    instance.setData(this.data);
    return instance;
  }
}

/** Names of the builtins that the module expects from its host; OPA lists them in the export `builtins`. */
function requiredBuiltins(instance: LoadedPolicy): string[] {
  const exports = (instance.wasmInstance as WebAssembly.Instance).exports as Record<
    string,
    (...args: number[]) => number
  >;
  const address = exports.opa_json_dump?.(exports.builtins?.() ?? 0) ?? 0;
  const memory = Buffer.from(instance.mem.buffer);
  return Object.keys(JSON.parse(memory.toString('utf8', address, memory.indexOf(0, address))));
}

/**
 * Memory that an input is copied to for as long as its evaluation takes, which nothing interrupts: a fresh buffer for each
 * costs several times the copy, in pages that the kernel must clear.
 */
let lender: ArrayBuffer | undefined;
const LENT_BYTES = 1024 * 1024;

/** As {@link exactBuffer}, for no longer than one evaluation. */
function lent(bytes: Uint8Array): ArrayBuffer {
  if (bytes.byteLength > LENT_BYTES) return exactBuffer(bytes);
  lender ??= new ArrayBuffer(0, { maxByteLength: LENT_BYTES });
  lender.resize(bytes.byteLength);
  new Uint8Array(lender).set(bytes);
  return lender;
}

/** The library takes only an ArrayBuffer of exactly the text's size: a view would be stringified as an object. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  if (bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength) return bytes.buffer;
  return new Uint8Array(bytes).buffer;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : String(error).slice(0, 200);
}
