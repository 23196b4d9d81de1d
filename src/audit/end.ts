import type { Certificate } from '../pki/index.ts';
import type { Disk } from './disk.ts';
import { AuditError } from './error.ts';
import { firstSeq, isSegmentName, segmentName } from './format.ts';
import type { Place } from './page.ts';
import { Segment, type Tail } from './segment.ts';
import { Trail } from './trail.ts';

/** Where a log ends. */
export interface End {
  /** The last segment, open; made if there is none. */
  segment: Segment;
  /** Where the next record goes; undefined: the log has no record yet. */
  next: Place | undefined;
  tail: Tail;
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
    return { segment, next, tail };
  } catch (error) {
    segment.close();
    throw error;
  }
}

function placeBefore(disk: Disk, folder: string, last: string, name: string | undefined, likely: Certificate): Place {
  if (name === undefined) throw new AuditError('AUDIT_TAMPERED', `${last}: expected the segment before it`);
  const before = new Segment(disk, folder, name, false);
  try {
    const trail = new Trail(name);
    const { length } = before.scan(0, (line) => trail.add(line));
    if (length > 0 || trail.next?.seq !== firstSeq(last)) {
      throw new AuditError('AUDIT_TAMPERED', `${name}: expected whole lines up to record ${firstSeq(last) - 1}`);
    }
    trail.checkLast(likely);
    return trail.next;
  } finally {
    before.close();
  }
}
