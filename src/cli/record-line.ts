import type { LogRecord } from '../audit/index.ts';
import type { JsonValue } from '../json/index.ts';

/** One record in one line: time, number, type, then what matters of that type. */
export function recordLine(record: LogRecord): string {
  const words = [record.time, String(record.seq).padStart(6), record.type.padEnd(9), ...summary(record)];
  return words.join('  ').trimEnd();
}

function summary(record: LogRecord): string[] {
  switch (record.type) {
    case 'decision':
      return decisionWords(record);
    case 'outcome': {
      const tokens = usage(record.field('usage'));
      return [
        `of ${record.text('decision')}`,
        `status ${number(record, 'status')}`,
        record.text('ended') ?? '',
        ...fault(record),
        tokens,
        toolCalls(record),
      ];
    }
    case 'bundle_activated':
      return [bundle(record.field('bundle')), record.field('rollback').boolean() ? 'ROLLBACK' : ''];
    case 'config_activated':
      return [`config ${(record.text('config_sha256') ?? '').slice(0, 16)}…`];
    case 'approval':
      return [
        `${record.text('approval')}`,
        `of ${record.text('decision')}`,
        record.text('tool') ?? '',
        `by ${record.field('approver').get('id')?.string() ?? '-'} (${record.text('role')})`,
      ];
    case 'log_opened':
      return [record.text('opened') ?? '', `signer ${(record.text('signer') ?? '').slice(0, 16)}…`];
    case 'key_rotated':
      return [`signer ${(record.text('signer') ?? '').slice(0, 16)}…`];
    case 'recovered':
      return [record.text('cause') ?? '', `${number(record, 'length')} bytes cut from ${record.text('segment')}`];
    case 'log_closed':
      return [record.text('reason') ?? ''];
  }
}

function decisionWords(record: LogRecord): string[] {
  const result = record.field('result');
  const codes =
    result
      .get('reasons')
      ?.items()
      .map((reason) => reason.get('code')?.string() ?? '') ?? [];
  const shadow = record.text('mode') === 'shadow' ? ' (shadow)' : '';
  return [
    record.id,
    record.text('route') ?? '-',
    record.field('subject').get('id')?.string() ?? '-',
    `${result.get('effect')?.string()} → ${record.text('effect_enforced')}${shadow}`,
    toolName(record) ?? record.field('input').get('call')?.get('model')?.string() ?? '-',
    codes.join(','),
  ];
}

/** An answer that was broken off must not look like a clean one. */
function fault(record: LogRecord): string[] {
  const code = record.text('fault');
  return code === null ? [] : [`NOT JUDGED: ${code}`];
}

function toolCalls(record: LogRecord): string {
  const calls = record.field('tool_calls').items();
  const released = calls.filter((call) => call.get('released')?.boolean()).length;
  const undecided = countOf(calls.filter((call) => call.get('decision')?.kind === 'null'));
  if (calls.length === 0) return '';
  return `${countOf(calls)} tool calls, ${released} released${undecided > 0 ? `, ${undecided} not decided` : ''}`;
}

/** One entry may stand for many. */
const countOf = (calls: JsonValue[]): number =>
  calls.reduce((sum, call) => sum + 1 + (call.get('more')?.number() ?? 0), 0);

function toolName(record: LogRecord): string | undefined {
  const tool = record.field('input').get('tool');
  return tool && `${tool.get('origin')?.string()} ${tool.get('name')?.string()}`;
}

/** All fields of a record, one a line, the input last and indented. */
export function recordDetails(record: LogRecord): string[] {
  const lines = [`${record.type} ${record.id}`];
  for (const [name, value] of record.document.entries()) {
    if (name === 'type' || name === 'id') continue;
    lines.push(...field(name, value));
  }
  return lines;
}

function field(name: string, value: JsonValue): string[] {
  const label = `  ${name.padEnd(20)}`;
  const text = value.string();
  if (text !== undefined) return [`${label}${text}`];
  const [first = '', ...rest] = JSON.stringify(value.value(), null, 2).split('\n');
  return [`${label}${first}`, ...rest.map((line) => `  ${line}`)];
}

const number = (record: LogRecord, name: string): number => record.field(name).number() ?? 0;
const bundle = (value: JsonValue): string =>
  `${value.get('revision')?.string()} (sequence ${value.get('sequence')?.number()}, ${value.get('digest')?.string()?.slice(0, 16)}…)`;

function usage(value: JsonValue): string {
  const [input, output] = [value.get('input_tokens')?.number(), value.get('output_tokens')?.number()];
  return input === undefined && output === undefined ? '' : `${input ?? '?'} + ${output ?? '?'} tokens`;
}
