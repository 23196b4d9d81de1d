import type { Certificate } from '../pki/index.ts';
import type { Disk } from './disk.ts';
import { AuditError } from './error.ts';
import { firstSeq, isSegmentName, segmentName } from './format.ts';
import type { Place } from './page.ts';
import type { BundleRef } from './record.ts';
import { Segment, type Tail } from './segment.ts';
import { Trail } from './trail.ts';
import type { UsedApprovals } from './used-approvals.ts';

/** A start reads no further back for approvals than this, in bytes: what it then cannot know of is asked for anew. */
const MOST_FOR_APPROVALS = 128 * 1024 * 1024;

/** Where a log ends. */
export interface End {
  /** The last segment, open; made if there is none. */
  segment: Segment;
  /** Where the next record goes; undefined: the log has no record yet. */
  next: Place | undefined;
  tail: Tail;
  /** The bundle in use last; null: none was. */
  bundle: BundleRef | null;
  approvals: UsedApprovals;
}

/** Reads a segment that another one follows, each once at most. */
type ReadBefore = (name: string) => Trail;

/**
 * Finds a log's end by reading its last segment. Those before are read only for what the last does not tell: the place, if a
 * crash left it without a whole line, the bundle, and approvals.
 *
 * @param likely the certificate that probably signed the last record
 * @param approvalsSince RFC 3339, since when uses of approvals matter; null: never
 * @throws AuditError with AUDIT_TAMPERED for anything but an incomplete last line
 */
export function findEnd(disk: Disk, folder: string, likely: Certificate, approvalsSince: string | null): End {
  const names = disk.list(folder).filter(isSegmentName).sort();
  const last = names.at(-1) ?? segmentName(0);
  const segment = new Segment(disk, folder, last, true);
  try {
    const trail = new Trail(last);
    const tail = segment.scan(0, (line) => trail.add(line));
    trail.checkLast(likely);
    const before = names.slice(0, -1).reverse();
    const trails = new Map<string, Trail>();
    const read: ReadBefore = (name) => {
      const known = trails.get(name) ?? readBefore(disk, folder, name, likely);
      trails.set(name, known);
      return known;
    };
    const next = trail.next ?? (firstSeq(last) > 0 ? placeBefore(last, before[0], read) : undefined);
    const bundle = trail.bundle.found ?? bundleBefore(before, read);
    const approvals =
      approvalsSince === null ? { ids: [], since: null } : approvalsIn(trail, last, before, read, approvalsSince);
    return { segment, next, tail, bundle, approvals };
  } catch (error) {
    segment.close();
    throw error;
  }
}

/** Looks in the segments before, the newest first: mostly one step, since nearly every segment holds a decision. */
function bundleBefore(before: readonly string[], read: ReadBefore): BundleRef | null {
  for (const name of before) {
    const found = read(name).bundle.found;
    if (found) return found;
  }
  return null;
}

/** Those of the last segment, and of as many before it as tell of the time that matters: mostly none. */
function approvalsIn(
  { approvals, time, bytes }: Trail,
  last: string,
  before: readonly string[],
  read: ReadBefore,
  wanted: string,
): UsedApprovals {
  const ids = [...approvals];
  let [since, oldest, length] = [time, last, bytes];
  for (const name of before) {
    if (since !== undefined && (since <= wanted || length >= MOST_FOR_APPROVALS)) break;
    const trail = read(name);
    ids.push(...trail.approvals);
    [since, oldest, length] = [trail.time ?? since, name, length + trail.bytes];
  }
  return { ids, since: firstSeq(oldest) === 0 ? null : (since ?? null) };
}

function placeBefore(last: string, name: string | undefined, read: ReadBefore): Place {
  if (name === undefined) throw new AuditError('AUDIT_TAMPERED', `${last}: expected the segment before it`);
  const { next } = read(name);
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
