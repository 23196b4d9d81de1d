import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../audit/index.ts';
import { open as openBundle, type VerifiedBundle } from '../bundle/index.ts';
import type { Certificate } from '../pki/index.ts';
import { type Engine, SUPPORTED_BUILTINS } from '../policy/index.ts';
import { ActiveBundle } from './active.ts';
import { readRules } from './classifier.ts';
import { Refusal } from './refusal.ts';

export interface BundlesOptions {
  /** The bundle that CI puts there; a changed file is activated when it opens, and ignored with an error when not. */
  path: string;
  anchors: Certificate[];
  revoked: ReadonlySet<string>;
  allowRollback: boolean;
  /** Where every activated bundle is kept, by digest: a replay needs them all. */
  keep: string;
  engine: Engine;
  log: Log;
}

/** The bundle in use, and the change from one to the next. */
export class Bundles {
  private readonly options: BundlesOptions;
  private active: ActiveBundle | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(options: BundlesOptions) {
    this.options = options;
  }

  get current(): ActiveBundle | undefined {
    return this.active;
  }

  /** For one call, which must leave it. */
  enter(): ActiveBundle {
    if (!this.active) throw new Refusal('BUNDLE_MISSING');
    return this.active.enter();
  }

  /**
   * Opens the file and takes it into use: kept beside the log, recorded as activated, and only then deciding. Calls on
   * their way stay with the bundle that they began with. Nothing changes when any of it fails.
   * One at a time: of two at once, the one that began with the older file could end last and go back unnoticed.
   * @throws BundleError, ClassifyError, PolicyError, AuditError
   */
  activate(): Promise<VerifiedBundle> {
    const next = this.last.then(() => this.change());
    this.last = next.catch(() => {});
    return next;
  }

  private async change(): Promise<VerifiedBundle> {
    const { engine, log, allowRollback } = this.options;
    const previous = this.active?.bundle ?? log.lastBundle ?? undefined;
    const bundle = await openBundle(await readFile(this.options.path), {
      anchors: this.options.anchors,
      revoked: this.options.revoked,
      time: new Date(),
      builtins: SUPPORTED_BUILTINS,
      ...(previous ? { lastSequence: previous.sequence, allowRollback } : {}),
    });
    const rules = readRules(bundle.data);
    const policy = await engine.load(bundle);
    try {
      await this.keep(bundle);
      const { digest, revision, sequence } = bundle;
      const rollback = previous !== undefined && sequence < previous.sequence;
      await log.event({
        type: 'bundle_activated',
        bundle: { digest, revision, sequence },
        previous: previous?.digest ?? null,
        rollback,
      });
    } catch (error) {
      engine.unload(policy);
      throw error;
    }
    this.active?.retire();
    this.active = new ActiveBundle(engine, bundle, policy, rules);
    return bundle;
  }

  /** Written under another name first: a file of the right name is whole. */
  private async keep(bundle: VerifiedBundle): Promise<void> {
    const { keep } = this.options;
    await mkdir(keep, { recursive: true, mode: 0o700 });
    const name = join(keep, `${bundle.digest}.tar.gz`);
    const draft = await open(`${name}.${process.pid}`, 'w', 0o600);
    try {
      await draft.writeFile(bundle.bytes);
      await draft.sync();
    } finally {
      await draft.close();
    }
    await rename(`${name}.${process.pid}`, name);
    // The activation is recorded next: after a power cut its bundle must still be there.
    const folder = await open(keep, 'r');
    await folder.sync().finally(() => folder.close());
  }
}

/** The call keeps this bundle for all that comes of it, whatever is activated meanwhile. */
export function enterBundle(
  { bundles }: { bundles: Bundles },
  call: { active: ActiveBundle | undefined },
): ActiveBundle {
  const active = bundles.enter();
  call.active = active;
  if (active.outsideWindow(new Date())) throw new Refusal('BUNDLE_EXPIRED');
  return active;
}
