import { check, DEFAULT_LIMITS, JsonError } from '../json/index.ts';
import { canonicalJson } from './canonical.ts';
import { BundleError, type BundleErrorCode } from './error.ts';

/** What a bundle says about itself. */
export interface Manifest {
  /** For people. */
  revision: string;
  /** For machines: never lower than the one last active. */
  sequence: number;
  /** Paths that the bundle's policies and data own. */
  roots: string[];
  entrypoints: string[];
  /** The OPA that compiled it. */
  opaVersion: string;
  sourceCommit?: string | undefined;
  notBefore?: Date | undefined;
  notAfter?: Date | undefined;
}

const KEYS = ['metadata', 'rego_version', 'revision', 'roots'];
const METADATA_KEYS = ['entrypoints', 'format', 'not_after', 'not_before', 'opa_version', 'sequence', 'source_commit'];
const FORMAT = 1;

/**
 * The bytes of `.manifest`. The entrypoints stand in OPA's free `metadata`, not in its `wasm` section: that one makes an
 * OPA without a WebAssembly runtime refuse the bundle, while this way every OPA decides from the Rego beside it.
 */
export function marshalManifest(manifest: Manifest): Uint8Array {
  const metadata = {
    entrypoints: manifest.entrypoints,
    format: FORMAT,
    not_after: manifest.notAfter?.toISOString(),
    not_before: manifest.notBefore?.toISOString(),
    opa_version: manifest.opaVersion,
    sequence: manifest.sequence,
    source_commit: manifest.sourceCommit,
  };
  const present = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
  return Buffer.from(
    canonicalJson({ metadata: present, rego_version: 1, revision: manifest.revision, roots: manifest.roots }),
  );
}

/** @throws BundleError BUNDLE_MANIFEST_INVALID */
export function parseManifest(bytes: Uint8Array): Manifest {
  const top = object(parseExact(bytes, 'BUNDLE_MANIFEST_INVALID', '.manifest'), KEYS, 'the manifest');
  const metadata = object(top.metadata, METADATA_KEYS, 'metadata');
  if (metadata.format !== FORMAT) throw invalid(`expected metadata.format ${FORMAT}`);
  return {
    revision: text(top.revision, 'revision'),
    roots: texts(top.roots, 'roots'),
    sequence: sequence(metadata.sequence),
    entrypoints: texts(metadata.entrypoints, 'metadata.entrypoints'),
    opaVersion: text(metadata.opa_version, 'metadata.opa_version'),
    sourceCommit: optional(metadata.source_commit, (value) => text(value, 'metadata.source_commit')),
    notBefore: optional(metadata.not_before, (value) => moment(value, 'metadata.not_before')),
    notAfter: optional(metadata.not_after, (value) => moment(value, 'metadata.not_after')),
  };
}

/** Reads JSON by the strict check: duplicate keys would let two readers see two values. */
export function parseExact(bytes: Uint8Array, code: BundleErrorCode, name: string): unknown {
  try {
    check(bytes, { ...DEFAULT_LIMITS, maxBytes: 64 * 1024 * 1024, refuseCaseCollisions: false });
  } catch (error) {
    if (error instanceof JsonError) throw new BundleError(code, `${name}: ${error.message}`);
    throw error;
  }
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}

function object(value: unknown, keys: string[], name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`expected ${name} as an object`);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw invalid(`expected in ${name} only ${keys.join(', ')}, got ${unknown.slice(0, 100)}`);
  return value as Record<string, unknown>;
}

function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '' || value.length > 200)
    throw invalid(`expected ${name} as a short text`);
  return value;
}

function texts(value: unknown, name: string): string[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid(`expected ${name} as a list of texts`);
  return value.map((item) => text(item, name));
}

function sequence(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw invalid('expected metadata.sequence as an integer from 1');
  return value as number;
}

function moment(value: unknown, name: string): Date {
  const date = new Date(text(value, name));
  if (Number.isNaN(date.getTime()) || date.toISOString() !== value) {
    throw invalid(`expected ${name} as RFC 3339 in UTC with milliseconds`);
  }
  return date;
}

function invalid(expected: string): BundleError {
  return new BundleError('BUNDLE_MANIFEST_INVALID', expected);
}
