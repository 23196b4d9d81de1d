import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Report, Signers, verify } from '../../src/audit/index.ts';
import { cmsCertificates, OID_AUDIT_RECORD, type Signer, signCms } from '../../src/pki/index.ts';
import {
  BUNDLE,
  decisionInput,
  FIRST,
  HandLog,
  joined,
  NOW,
  sha256,
  signLine,
  source,
  testPki,
  uuid,
} from './signed-log.ts';

let audit: Signer;
let signers: Signers;
let first: Buffer[];

beforeAll(() => {
  const pki = testPki(new Date(NOW.getTime() - 3600_000));
  audit = pki.audit;
  signers = new Signers(pki.anchors);
  first = new HandLog(audit).opened().activated().lines;
});

const run = (bytes: Buffer): Promise<Report> =>
  verify(source({ [FIRST]: bytes }), { anchors: signers, time: new Date(NOW.getTime() + 3600_000) });

/** The code with which the line of a log that follows the first two is refused; null if it is not. */
async function third(line: Buffer): Promise<string | null> {
  const { finding, records } = await run(joined([...first, line]));
  expect(finding === null ? [3] : [finding.line, records]).toEqual(finding === null ? [records] : [3, 2]);
  return finding?.code ?? null;
}

/** A signed decision whose JSON was changed before it was signed. */
const signed = (change: (json: string) => string, fields: Record<string, unknown> = {}): Buffer => {
  const log = new HandLog(audit);
  log.lines.push(...first);
  log.decision(fields);
  const json = log.lines[2]?.toString().split('\t')[0] ?? '';
  return signLine(change(json), audit);
};

/** A signed decision, with changes to the record and to its input. */
const decided = (fields: Record<string, unknown>, input: Record<string, unknown>): Buffer => {
  const log = new HandLog(audit);
  log.lines.push(...first);
  return log.decision(fields, { ...decisionInput(), ...input }).lines[2] ?? Buffer.of();
};

describe('a line is JSON, one TAB, canonical base64, one LF', () => {
  let line: string;
  beforeAll(() => {
    line = signed((json) => json).toString();
  });
  const changed = (change: (line: string) => string): Promise<string | null> => third(Buffer.from(change(line)));

  test('as it was written', async () => expect(await changed((all) => all)).toBeNull());
  test.each<[string, (line: string) => string]>([
    ['CRLF', (all) => `${all}\r`],
    ['CR before the TAB', (all) => all.replace('\t', '\r\t')],
    ['two TABs', (all) => all.replace('\t', '\t\t')],
    ['a second signature', (all) => `${all}\t${all.split('\t')[1]}`],
    ['no TAB', (all) => all.replace('\t', '')],
    ['a blank for the TAB', (all) => all.replace('\t', ' ')],
    ['a blank at the end', (all) => `${all} `],
    ['no signature', (all) => all.replace(/\t.*/, '\t')],
    ['no padding', (all) => all.replace(/\t(.*?)=*$/, (_, text: string) => `\t${text.slice(0, -1)}`)],
    ['base64url', (all) => all.replace(/\t.*/, (text) => text.replace(/[+/]/, '_'))],
    ['base64 with a line feed escaped', (all) => all.replace(/\t(.{64})/, '\t$1\\n')],
    ['an endless signature', (all) => `${all}${'AAAA'.repeat(5000)}`],
    ['an empty line', () => ''],
  ])('not %s', async (_, change) => {
    const code = await changed(change);
    expect(['LINE_GRAMMAR', 'LINE_SIZE', 'SIGNATURE']).toContain(code);
  });

  test('not a BOM, blanks or another document before it', async () => {
    for (const before of ['\ufeff', ' ', '{}', '\u0000'])
      expect(await third(Buffer.from(before + line))).not.toBeNull();
  });

  test('not another spelling of the same signature', async () => {
    const [json = '', base64 = ''] = line.split('\t');
    const der = Buffer.from(base64, 'base64');
    const spellings = [
      Buffer.concat([der, Buffer.from([0])]),
      Buffer.concat([Buffer.from([0x30, 0x83, 0x00]), der.subarray(2)]),
      Buffer.from(signCms(audit, Buffer.from(json), { contentType: OID_AUDIT_RECORD, certificates: true })),
      Buffer.from(signCms(audit, Buffer.from(json), { contentType: '1.2.840.113549.1.7.1', certificates: false })),
    ];
    expect(cmsCertificates(spellings[2] ?? Buffer.of())).toHaveLength(1);
    for (const spelling of spellings) {
      expect(await third(Buffer.from(`${json}\t${spelling.toString('base64')}`))).toBe('SIGNATURE');
    }
  });
});

describe('a signed record is refused all the same if it has', () => {
  test.each<[string, string, (json: string) => string]>([
    ['a duplicate key', 'RECORD_JSON', (json) => json.replace('"mode":', '"mode":"shadow","mode":')],
    ['a duplicate key deep in the body', 'RECORD_JSON', (json) => json.replace('"role":', '"role":"user","role":')],
    ['a lone surrogate', 'RECORD_JSON', (json) => json.replace('"Hi"', '"\\ud800"')],
    ['an unsafe integer', 'RECORD_JSON', (json) => json.replace('"latency_us":700', '"latency_us":9007199254740993')],
    ['a BOM', 'RECORD_JSON', (json) => `\ufeff${json}`],
    ['two documents', 'RECORD_JSON', (json) => `${json}${json}`],
    ['a blank before it', 'RECORD_FIELDS', (json) => ` ${json}`],
    ['a blank in the common fields', 'RECORD_FIELDS', (json) => json.replace('"v":1', '"v": 1')],
    ['another version', 'RECORD_FIELDS', (json) => json.replace('"v":1', '"v":2')],
    ['an unknown type', 'RECORD_FIELDS', (json) => json.replace('"type":"decision"', '"type":"decree"')],
    ['a type of all objects', 'RECORD_FIELDS', (json) => json.replace('"type":"decision"', '"type":"constructor"')],
    ['an unknown field', 'RECORD_FIELDS', (json) => json.replace('"input_form"', '"extra":1,"input_form"')],
    ['a field after the last', 'RECORD_FIELDS', (json) => json.replace(/}$/, ',"extra":1}')],
    ['a missing field', 'RECORD_FIELDS', (json) => json.replace('"latency_us":700,', '')],
    [
      'fields in another order',
      'RECORD_FIELDS',
      (json) => json.replace('"phase":"request","mode":"enforce"', '"mode":"enforce","phase":"request"'),
    ],
    ['a count below zero', 'RECORD_FIELDS', (json) => json.replace('"latency_us":700', '"latency_us":-1')],
    [
      'a digest in capitals',
      'RECORD_FIELDS',
      (json) => json.replace(/"input_sha256":"[0-9a-f]+"/, (all) => `"input_sha256":"${all.slice(16).toUpperCase()}`),
    ],
    ['a day that is none', 'RECORD_FIELDS', (json) => json.replace(/"time":"2026-11-24/, '"time":"2026-02-30')],
    ['a time with an offset', 'RECORD_FIELDS', (json) => json.replace(/\.000Z","id"/, '.000+00:00","id"')],
    ['an id that is no UUIDv7', 'RECORD_FIELDS', (json) => json.replace(/"id":"(.{14})7/, '"id":"$14')],
    ['an extra field in the bundle', 'RECORD_FIELDS', (json) => json.replace('"sequence":1', '"sequence":1,"more":2')],
    ['a result without reasons', 'RECORD_RESULT', (json) => json.replace(',"reasons":[]', '')],
    ['an unknown effect', 'RECORD_RESULT', (json) => json.replace('"effect":"allow"', '"effect":"maybe"')],
    [
      'an allow that no entrypoint gave',
      'RECORD_RESULT',
      (json) => json.replace('"entrypoint":"verdict/request"', '"entrypoint":null'),
    ],
    [
      'an allow by no policy',
      'RECORD_RESULT',
      (json) => json.replace(/"entrypoint":.*?,"result"/, '"entrypoint":null,"engine":null,"bundle":null,"result"'),
    ],
    ['a denial that was forwarded', 'RECORD_RESULT', (json) => json.replace('"effect":"allow"', '"effect":"deny"')],
    ['another input than was hashed', 'RECORD_INPUT', (json) => json.replace('"Hi"', '"Ho"')],
    [
      'an input of another phase',
      'RECORD_INPUT',
      (json) => json.replace('"phase":"request","mode"', '"phase":"tool","mode"'),
    ],
    ['an input of another route', 'RECORD_INPUT', (json) => json.replace('"route":"support"', '"route":"coding"')],
    ['another mode than its route', 'RECORD_INPUT', (json) => json.replace('"mode":"enforce"', '"mode":"shadow"')],
    ['another subject than its input', 'RECORD_INPUT', (json) => json.replace('"id":"app-1"', '"id":"app-2"')],
    ['the subject in other bytes', 'RECORD_INPUT', (json) => json.replace('{"id":"app-1"}', '{ "id":"app-1"}')],
    ['no subject', 'RECORD_INPUT', (json) => json.replace('"subject":{"id":"app-1"}', '"subject":null')],
    ['another app than its input', 'RECORD_INPUT', (json) => json.replace('"app":"support-bot"', '"app":"other-bot"')],
    ['no app', 'RECORD_INPUT', (json) => json.replace('"app":"support-bot"', '"app":null')],
    ['no route', 'RECORD_INPUT', (json) => json.replace('"route":"support"', '"route":null')],
    [
      'a body without its digest',
      'RECORD_INPUT',
      (json) => json.replace(/"body_sha256":"[0-9a-f]+"/, '"body_sha256":null'),
    ],
    ['a body longer than it was', 'RECORD_INPUT', (json) => json.replace('"body_bytes":200', '"body_bytes":20')],
    ['another log', 'LOG_ID', (json) => json.replace(/"log":"[^"]+"/, `"log":"${uuid(7)}"`)],
    ['a later number', 'SEQUENCE', (json) => json.replace('"seq":2', '"seq":3')],
    ['another line before it', 'CHAIN', (json) => json.replace(/"prev":"[0-9a-f]+"/, `"prev":"${sha256('x')}"`)],
  ])('%s: %s', async (_, code, change) => {
    const line = signed(change);
    expect(line.toString().split('\t')[0]).not.toBe(
      signed((json) => json)
        .toString()
        .split('\t')[0],
    );
    expect(await third(line)).toBe(code);
  });

  test('but may hold an input in other bytes than a writer makes, if they were hashed', async () => {
    const input = JSON.stringify(decisionInput()).replaceAll(',', ' , ');
    const line = signed((json) =>
      json.replace(/"input_sha256".*/, `"input_sha256":"${sha256(input)}","input":${input}}`),
    );
    expect(await third(line)).toBeNull();
  });

  test('but may withhold text, and forward what a shadow route would refuse', async () => {
    expect(await third(signed((json) => json, { input_form: 'digest', input_sha256: 'cd'.repeat(32) }))).toBeNull();
    const result = { effect: 'deny', obligations: [], reasons: [{ code: 'X', message: 'x' }] };
    const route = { id: 'support', mode: 'shadow' };
    expect(await third(decided({ mode: 'shadow', result }, { route }))).toBeNull();
  });

  test('an input that names nobody goes with a record that names nobody, and with no other', async () => {
    for (const field of ['subject', 'app']) {
      for (const absent of [null, undefined]) {
        expect(await third(decided({ [field]: null }, { [field]: absent }))).toBeNull();
        expect(await third(decided({}, { [field]: absent }))).toBe('RECORD_INPUT');
      }
    }
    // Not an id of text, yet more than nobody.
    for (const app of [{}, { id: 7 }, 'support-bot', []])
      expect(await third(decided({ app: null }, { app }))).toBe('RECORD_INPUT');
    expect(await third(decided({ route: null }, { route: null }))).toBeNull();
    expect(await third(decided({}, { route: { id: 'support' } }))).toBe('RECORD_INPUT');
  });

  test('but may hold an app whose id was clipped, as the writer does', async () => {
    const id = `${'x'.repeat(4095)}🚀 and more`;
    expect(await third(decided({ app: `${'x'.repeat(4095)}\ufffd` }, { app: { id } }))).toBeNull();
    expect(await third(decided({ app: 'x'.repeat(4095) }, { app: { id } }))).toBe('RECORD_INPUT');
  });

  test('a digest of another body than the one in its input', async () => {
    const form = { input_form: 'digest', body_sha256: 'cd'.repeat(32) };
    expect(await third(decided(form, { body: undefined, body_sha256: 'cd'.repeat(32) }))).toBeNull();
    for (const other of ['ce'.repeat(32), null, 7])
      expect(await third(decided(form, { body: undefined, body_sha256: other }))).toBe('RECORD_INPUT');
    const none = { ...form, body_sha256: null, body_bytes: 0 };
    expect(await third(decided(none, { body: undefined, body_sha256: 'cd'.repeat(32) }))).toBe('RECORD_INPUT');
  });
});

describe('records follow one another', () => {
  const place = async (log: HandLog): Promise<unknown> => {
    const { finding, unfinished } = await run(log.bytes());
    return finding ? [finding.code, finding.line] : unfinished;
  };

  test('a call may stay without outcome, and is counted', async () => {
    expect(await place(new HandLog(audit).opened().activated().decision().decision().outcome(3))).toBe(1);
  });

  test('an outcome has one earlier decision that was forwarded', async () => {
    const refused = {
      result: { effect: 'deny', obligations: [], reasons: [{ code: 'X', message: 'x' }] },
      effect_enforced: 'refuse',
    };
    const opened = (): HandLog => new HandLog(audit).opened().activated();
    expect(await place(opened().decision().outcome(2).outcome(2))).toEqual(['LINK', 5]);
    expect(await place(opened().outcome(3).decision())).toEqual(['LINK', 3]);
    expect(await place(opened().decision(refused).outcome(2))).toEqual(['LINK', 4]);
    expect(await place(opened().decision().outcome(1))).toEqual(['LINK', 4]);
  });

  test('a bundle decides only after a bundle_activated announced it, then for as long as it likes', async () => {
    const opened = (): HandLog => new HandLog(audit).opened();
    const next = { digest: 'cd'.repeat(32), revision: 'r2', sequence: 2 };
    expect(await place(opened().decision())).toEqual(['BUNDLE', 2]);
    expect(await place(opened().decision().activated())).toEqual(['BUNDLE', 2]);
    expect(await place(opened().activated(next).decision())).toEqual(['BUNDLE', 3]);
    expect(await place(opened().activated().activated(next).decision().decision({ bundle: next }))).toBe(2);
    const restarted = opened().activated().closed().opened('continued').activated(next);
    expect(await place(restarted.decision().decision({ bundle: next }))).toBe(2);
  });

  test('a bundle is its digest, revision and sequence number together', async () => {
    for (const [name, other] of Object.entries({ digest: 'cd'.repeat(32), revision: 'r2', sequence: 2 })) {
      const log = new HandLog(audit).opened().activated();
      expect(await place(log.decision({ bundle: { ...BUNDLE, [name]: other } }))).toEqual(['BUNDLE', 3]);
    }
  });

  test('what the gateway decided by itself needs no bundle', async () => {
    const result = { effect: 'deny', obligations: [], reasons: [{ code: 'X', message: 'x' }] };
    const own = { entrypoint: null, engine: null, bundle: null, result, effect_enforced: 'refuse' };
    expect(await place(new HandLog(audit).opened().decision(own))).toBe(0);
  });

  test("a person is asked only where policy escalated a hook's call", async () => {
    const place1 = (origin: string | null, effect: string): Promise<unknown> => {
      const result = { effect, obligations: [], reasons: [{ code: 'X', message: 'x' }] };
      const input = { ...decisionInput(), ...(origin && { tool: { origin, parent: null, approval: null } }) };
      return place(new HandLog(audit).opened().activated().decision({ result, effect_enforced: 'ask' }, input));
    };
    expect(await place1('hook', 'escalate')).toBe(0);
    for (const [origin, effect] of [
      ['hook', 'allow'],
      ['hook', 'deny'],
      ['mcp', 'escalate'],
      [null, 'escalate'],
    ] as const)
      expect(await place1(origin, effect)).toEqual(['RECORD_RESULT', 3]);
  });

  test('log_opened comes first, says new only then, and comes after every log_closed', async () => {
    const log = (): HandLog => new HandLog(audit);
    expect(await place(log().decision())).toEqual(['LOG_STATE', 1]);
    expect(await place(log().opened('continued'))).toEqual(['LOG_STATE', 1]);
    expect(await place(log().opened().opened('new'))).toEqual(['LOG_STATE', 2]);
    expect(await place(log().opened().closed().decision())).toEqual(['LOG_STATE', 3]);
    expect(await place(log().opened().activated().closed().opened('continued').decision())).toBe(1);
  });
});

describe('a tail without LF is torn only if an interrupted write leaves it', () => {
  const tailOf = async (tail: Buffer): Promise<unknown> => {
    const { outcome, finding } = await run(Buffer.concat([joined(first), tail]));
    return finding?.code ?? outcome;
  };

  test('a beginning of a record, whole but for its LF, or with space already given', async () => {
    const line = signed((json) => json);
    for (const length of [1, 10, 40, line.indexOf('\t'), line.indexOf('\t') + 1, line.length - 1, line.length]) {
      expect(await tailOf(line.subarray(0, length))).toBe('torn_tail');
      expect(await tailOf(Buffer.concat([line.subarray(0, length), Buffer.alloc(100)]))).toBe('torn_tail');
    }
  });

  test('anything else is not', async () => {
    const line = signed((json) => json);
    for (const tail of ['x', '{"v":2', '{"v":1,"type": "', `${line}A`, `${line}\r`, `${line}\t`, `${line} `]) {
      expect(await tailOf(Buffer.from(tail))).toBe('TAIL');
    }
  });
});
