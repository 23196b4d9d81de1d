import type { LogOutcome, Report } from '../audit/index.ts';
import { printable } from './print.ts';

const HEADLINES: Record<LogOutcome, string> = {
  anchored:
    'ANCHORED: every record is signed by a trusted signer and chained, and a checkpoint outside vouches for the last one',
  signed: 'SIGNED: every record is signed by a trusted signer and chained to the first',
  torn_tail: 'TORN TAIL: every whole record is signed and chained, the last line is incomplete, as a crash leaves it',
  untrusted: 'NOT TRUSTED: no trust anchor speaks for the signer of this log',
  tampered: 'TAMPERED: the log is not what was written',
  rolled_back: 'ROLLED BACK: records that were there before are missing at the end',
  forked: 'FORKED: there are two histories of this log',
  empty: 'EMPTY: there is no record, so nothing is shown',
};

/** A report for people: what was found, then the facts. */
export function reportLines(path: string, report: Report): string[] {
  const lines = [`${path}: ${HEADLINES[report.outcome]}`];
  const { finding } = report;
  if (finding) {
    lines.push(fact('first bad', place(report)), fact('why', `${finding.code}: ${finding.why}`));
    if (report.records > 0)
      lines.push(fact('good up to', `record ${report.records - 1}; what follows counts these only`));
  }
  if (report.tail) lines.push(fact('tail', `${report.tail.length} bytes in segment ${report.tail.segment}`));
  if (report.records > 0) lines.push(...facts(report));
  return lines.map(printable);
}

function place({ finding }: Report): string {
  const { segment, line, seq } = finding ?? { segment: null, line: null, seq: 0 };
  if (segment === null) return `record ${seq}`;
  return line === null ? `segment ${segment}` : `segment ${segment}, line ${line} (record ${seq})`;
}

function facts(report: Report): string[] {
  const { decisions, head } = report;
  const lines = [
    fact('log', report.log ?? ''),
    fact('records', `${report.records} in ${counted(report.segments, 'segment')}, ${report.bytes} bytes`),
    fact('time', `${report.first} to ${report.last}`),
    fact('calls', `${decisions.total}: ${decisions.forwarded} forwarded, ${decisions.refused} refused`),
    fact('policy', `${decisions.allow} allow, ${decisions.deny} deny, ${decisions.escalate} escalate`),
    fact('outcomes', `${report.outcomes}; ${counted(report.unfinished, 'forwarded call')} without one`),
  ];
  for (const signer of report.signers) {
    const window = `${signer.notBefore.slice(0, 10)} to ${signer.notAfter.slice(0, 10)}`;
    lines.push(
      fact(
        'signer',
        `${signer.subject} (${window}, sha256 ${signer.sha256.slice(0, 16)}…): ${counted(signer.records, 'record')}`,
      ),
    );
  }
  for (const { id, seq, other, path } of report.reused) {
    lines.push(
      fact('approval', `${id} was used twice: record ${other}${path ? ` of ${path}` : ''}, then record ${seq}`),
    );
  }
  if (report.clockBackMs > 1000) lines.push(fact('clock', `went back by ${report.clockBackMs} ms once`));
  lines.push(fact('head', head ? `${head.seq}:${head.digest}` : 'none'));
  if (report.outcome === 'signed') lines.push(fact('end', ending(report)));
  return lines;
}

function ending(report: Report): string {
  if (report.closed) return 'the log was closed in order';
  return 'the log was not closed: only a head that was kept (--head) shows that nothing was cut off its end';
}

const fact = (name: string, value: string): string => `  ${name.padEnd(11)}${value}`;

/** `1 record`, `2 records`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
