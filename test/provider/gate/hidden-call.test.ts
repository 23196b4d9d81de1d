import { describe, expect, test } from '@jest/globals';
import { openJsonGate } from '../../../src/provider/gate/open.ts';
import { bytesOf, type GateDialect, OPTIONS, run } from './run.ts';

// Calls where a reader that goes by an event's type, or by line ends of its own, would find them.

const DIALECTS: GateDialect[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];
const USE = { type: 'tool_use', id: 't', name: 'Bash', input: { command: 'canary' } };
const CALL = { type: 'function_call', id: 'f', call_id: 'c', name: 'Bash', arguments: '{"command":"canary"}' };
const PART = { index: 0, id: 'a', type: 'function', function: { name: 'Bash', arguments: '{"command":"canary"}' } };
const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const HIDDEN = `data: {"choices":[{"index":0,"delta":{"tool_calls":[${JSON.stringify(PART).replaceAll('"', '\\"')}]}}]}`;
const PREFIX = event({ choices: [{ index: 0, delta: { content: 'a\u00e4' } }] });

function unreadable(dialect: GateDialect, text: string): void {
  const { out, proposals, fault } = run(dialect, [bytesOf(text)]);
  expect(proposals).toEqual([]);
  expect(fault).toBe('RESPONSE_UNREADABLE');
  expect(out).not.toContain('canary');
}

describe('beside an error', () => {
  test.each([[[USE]], [{ 0: USE }], ['canary']])('content of a whole message: %j', (content) => {
    const body = { type: 'error', role: 'assistant', content, stop_reason: 'tool_use' };
    const gate = openJsonGate('anthropic-messages', bytesOf(JSON.stringify(body)), OPTIONS);
    expect(gate.fault).toBe('RESPONSE_UNREADABLE');
    expect(Buffer.from(gate.render(new Map()).body).toString()).not.toContain('canary');
  });

  test('calls of the other dialects are proposed', () => {
    const error = { message: 'm' };
    const chat = { error, choices: [{ index: 0, message: { tool_calls: [PART] }, finish_reason: 'stop' }] };
    expect(openJsonGate('openai-chat', bytesOf(JSON.stringify(chat)), OPTIONS).proposals).toHaveLength(1);
    const response = { error, object: 'error', output: [CALL] };
    expect(openJsonGate('openai-responses', bytesOf(JSON.stringify(response)), OPTIONS).proposals).toHaveLength(1);
  });

  test.each(['error', 'ping'])('parts of a streamed message in %s', (type) => {
    for (const fields of [
      { content_block: USE },
      { content: [USE] },
      { message: { content: [USE] } },
      { delta: USE },
    ]) {
      unreadable('anthropic-messages', event({ type, index: 0, ...fields }));
    }
  });

  test.each(['error', 'keepalive'])('items in %s', (type) => {
    for (const fields of [{ item: CALL }, { response: { output: [CALL] } }, { output: [CALL] }]) {
      unreadable('openai-responses', event({ type, sequence_number: 0, output_index: 0, ...fields }));
    }
  });
});

describe('behind a line end that is not one to all', () => {
  const ends = ['\v', '\f', '\x1c', '\x1d', '\x1e', '\u0085', '\u2028', '\u2029', '\ufeff'];

  test.each(DIALECTS)('in what is no data: %s', (dialect) => {
    for (const end of ends) {
      for (const field of [': x', 'id: x', 'retry: 1', 'event: x']) {
        unreadable(dialect, `${field}${end}data: {"canary":1}${end}${end}\n\n`);
      }
      unreadable(dialect, `: x\n${end}data: {"canary":1}\n\n`);
    }
  });

  test('in text, whether it is read or is like what was read', () => {
    for (const end of ['\u0085', '\u2028', '\u2029', '\u00c5']) {
      const text = `data: {"choices":[{"index":0,"delta":{"content":"a${end}${HIDDEN}"}}]}\n\n`;
      for (const start of ['', PREFIX]) unreadable('openai-chat', start + text);
      const delta = `data: {"type":"response.output_text.delta","output_index":0,"delta":"a${end}data: canary"}\n\n`;
      for (const start of ['', event({ type: 'keepalive' })]) unreadable('openai-responses', start + delta);
    }
  });

  test('but text may hold one, and a mark may begin the stream', () => {
    const text = `data: {"choices":[{"index":0,"delta":{"content":"a\u2028b \u0085\u00c5 data: c"}}]}\n\n`;
    const { out, fault } = run('openai-chat', [bytesOf(`\ufeff: hi\n\n${PREFIX}${text}`)]);
    expect(fault).toBeUndefined();
    expect(Buffer.from(out, 'latin1').toString()).toBe(`\ufeff: hi\n\n${PREFIX}${text}`);
  });
});

test('a call of two ids is refused, as SDKs take the last', () => {
  const pieces = (...ids: string[]): string =>
    ids.map((id, i) => event({ choices: [{ index: 0, delta: { tool_calls: [piece(id, i)] } }] })).join('');
  const piece = (id: string, i: number): object =>
    i === 0 ? { ...PART, id, function: { name: 'Bash', arguments: '{}' } } : { index: 0, id, function: {} };
  const proposals = (...ids: string[]): string[] =>
    run('openai-chat', [bytesOf(`${pieces(...ids)}data: [DONE]\n\n`)]).proposals;
  expect(proposals('a', 'b')[0]).toContain('TOOL_ARGUMENTS_INVALID');
  expect(proposals('a', 'a', '')).toEqual(['function Bash a {}']);
});
