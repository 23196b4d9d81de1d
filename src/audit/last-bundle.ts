import type { BundleRef } from './record.ts';

const DIGEST = '"bundle":{"digest":';

/**
 * Notes which bundle was in use last, among the lines of one segment: the last bundle_activated says it; in a segment
 * without one, the last decision made by a bundle.
 */
export class LastBundle {
  private activated: Buffer | undefined;
  private decided: Buffer | undefined;

  /** @param line the JSON of a record of this type, valid only until the next one */
  see(type: string, line: Buffer): void {
    if (type === 'bundle_activated') this.activated = Buffer.from(line);
    else if (type === 'decision' && !this.activated && line.includes(DIGEST)) {
      this.decided = Buffer.from(line);
    }
  }

  /** Undefined if no line says it. */
  get found(): BundleRef | undefined {
    const line = this.activated ?? this.decided;
    if (!line) return undefined;
    // Parsed, because a caller's token may hold what looks like a bundle; then the record's own may be null.
    const { bundle }: { bundle: BundleRef | null } = JSON.parse(line.toString('utf8'));
    return bundle ?? undefined;
  }
}
