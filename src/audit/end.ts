import type { Certificate } from '../pki/index.ts';
import type { Disk } from './disk.ts';
import { AuditError } from './error.ts';
import { firstSeq, isSegmentName, segmentName } from './format.ts';
import type { Place } from './page.ts';
import type { BundleRef } from './record.ts';
import { Segment, type Tail } from './segment.ts';
import { Trail } from './trail.ts';

/** Where a log ends. */
export interface End {
  /** The last segment, open; made if there is none. */
  segment: Segment;
  /** Where the next record goes; undefined: the log has no record yet. */
  next: Place | undefined;
  tail: Tail;
  /** The bundle in use last; null: none was. */
  bundle: BundleRef | null;
}

/**
 * Finds a log's end by reading its last segment, and the one before only if a crash left the last without a whole line.
 *
 * @param likely the certificate that probably signed the last record
 * @throws AuditError with AUDIT_TAMPERED for anything but an incomplete last line
 */
export function findEnd(disk: Disk, folder: string, likely: Certificate): End {
  const names = disk.list(folder).filter(isSegmentName).sort();
  const last = names.at(-1) ?? segmentName(0);
  const segment = new Segment(disk, folder, last, true);
  try {
    const trail = new Trail(last);
    const tail = segment.scan(0, (line) => trail.add(line));
    trail.checkLast(likely);
    const next = trail.next ?? (firstSeq(last) > 0 ? placeBefore(disk, folder, last, names.at(-2), likely) : undefined);
    const bundle = trail.bundle.found ?? bundleBefore(disk, folder, names.slice(0, -1), likely);
    return { segment, next, tail, bundle };
  } catch (error) {
    segment.close();
    throw error;
  }
}

/** Looks in the segments before, the newest first: mostly one step, since nearly every segment holds a decision. */
function bundleBefore(disk: Disk, folder: string, names: readonly string[], likely: Certificate): BundleRef | null {
  for (const name of names.toReversed()) {
    const found = readBefore(disk, folder, name, likely).bundle.found;
    if (found) return found;
  }
  return null;
}

function placeBefore(disk: Disk, folder: string, last: string, name: string | undefined, likely: Certificate): Place {
  if (name === undefined) throw new AuditError('AUDIT_TAMPERED', `${last}: expected the segment before it`);
  const { next } = readBefore(disk, folder, name, likely);
  if (next?.seq === firstSeq(last)) return next;
  throw new AuditError('AUDIT_TAMPERED', `${name}: expected whole lines up to record ${firstSeq(last) - 1}`);
}

/** Reads a segment that another one follows. */
function readBefore(disk: Disk, folder: string, name: string, likely: Certificate): Trail {
  const before = new Segment(disk, folder, name, false);
  try {
    const trail = new Trail(name);
    const { length } = before.scan(0, (line) => trail.add(line));
    if (length > 0) throw new AuditError('AUDIT_TAMPERED', `${name}: expected whole lines, since a segment follows`);
    trail.checkLast(likely);
    return trail;
  } finally {
    before.close();
  }
}
