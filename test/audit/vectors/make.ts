/**
 * Makes the log in this folder: `node test/audit/vectors/make.ts`. Keys and signatures are new each time, so it is run only when the
 * format changes; the private keys are not kept.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomUUIDv7 } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DecisionDraft, Log } from '../../../src/audit/index.ts';
import { Certificate, createDevelopmentPki, openSigner, type Signer } from '../../../src/pki/index.ts';

const here = import.meta.dirname;
const work = mkdtempSync(join(tmpdir(), 'verdict-vectors-'));
const pki = createDevelopmentPki({ now: new Date(Date.now() - 3_600_000), days: 3650 });
const anchors = Certificate.fromPem(pki.root.certificatePem);

/** A second audit key from the same root, RSA this time, as a company's CA would issue it. */
function issue(): Signer {
  const file = (name: string, text = ''): string => {
    const path = join(work, name);
    if (text) writeFileSync(path, text);
    return path;
  };
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const key = file('rsa.key');
  openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', file('rsa.csr'), '-subj', '/O=Example/CN=Audit signer 2');
  const extensions = 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,1.3.6.1.5.5.7.3.36\n';
  openssl(
    'x509', '-req', '-in', file('rsa.csr'), '-CA', file('root.crt', pki.root.certificatePem), '-CAkey', file('root.key', pki.root.keyPem),
    '-set_serial', '4711', '-days', '3000', '-sha256', '-extfile', file('rsa.ext', extensions), '-out', file('rsa.crt'),
  );
  return openSigner({ certificatePem: readFileSync(file('rsa.crt'), 'utf8'), keyPem: readFileSync(key, 'utf8') });
}

const second = issue();
/** One second between records. */
let clock = Math.ceil(Date.now() / 1000) * 1000;
const folder = join(work, 'log');
const open = (signer: Signer): Promise<Log> =>
  Log.open({
    folder,
    signer,
    anchors,
    software: { name: 'verdict', version: '0.1.0' },
    segmentBytes: 17_000,
    now: () => {
      clock += 1000;
      return new Date(clock);
    },
  });

const subject = { id: 'ada@example.com', method: 'token', issuer: 'verdict', roles: ['agent'], tenant: 'acme', application: 'support-bot' };
/** An input document up to its body, without the closing brace. */
const about = (mode = 'enforce'): string =>
  '{"v":1,"phase":"request","time":"2026-11-24T20:00:00.000Z",' +
  `"route":{"id":"support","policy":"support","mode":"${mode}"},"subject":${JSON.stringify(subject)},"app":{"id":"support-bot"}`;

function draft(body: string, more: Partial<DecisionDraft> = {}): DecisionDraft {
  const head = `${about(more.mode)},"body":`;
  const input = Buffer.from(`${head}${body}}`);
  return {
    id: randomUUIDv7(), phase: 'request', mode: 'enforce', route: 'support',
    subject,
    app: 'support-bot', entrypoint: 'verdict/request', engine: 'opa-wasm/1.10.0',
    bundle: { digest: '7d'.repeat(32), revision: 'r42', sequence: 42 },
    result: '{"effect":"allow","obligations":[],"reasons":[]}',
    effect_enforced: 'forward', latency_us: 412,
    body_in_input: { start: Buffer.byteLength(head), end: input.length - 1 }, input,
    ...more,
  } as DecisionDraft;
}

const denied = (code: string): string =>
  `{"effect":"deny","obligations":[],"reasons":[{"code":"${code}","message":"not on this route"}]}`;
const outcome = {
  status: 200, upstream_status: 200, upstream_request_id: 'req_0123', response_sha256: createHash('sha256').update('{}').digest('hex'), response_bytes: 2,
  ended: 'complete', fault: null, usage: { input_tokens: 9, output_tokens: 12 }, finish: ['stop'], tool_calls: [], provider_tools: [], not_inspected: ['response_text'], duration_us: 523_111,
} as const;

let log = await open(openSigner(pki.audit));
await log.event({ type: 'config_activated', config_sha256: 'c0'.repeat(32) });
await log.event({ type: 'bundle_activated', bundle: { digest: '7d'.repeat(32), revision: 'r42', sequence: 42 }, previous: null, rollback: false });
const allowed = await log.commit(draft('{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Où est mon colis? 📦"}]}') as DecisionDraft & { effect_enforced: 'forward' });
const without = ({ body_in_input: _, ...rest }: DecisionDraft & { body_in_input?: unknown }): object => rest;
const proposal = (parent: string, name: string): DecisionDraft => ({
  ...without(draft('{}')), phase: 'tool', entrypoint: 'verdict/tool', body_sha256: null, body_bytes: 0,
  input: Buffer.from(
    `${about().replace('"request"', '"tool"')},"tool":{"name":"${name}","type":"function","origin":"model","server":null,"id":"call_1",` +
      `"parent":"${parent}","workspace":null,"description_sha256":null,"actions":[],"approval":null,"arguments":{"order":"A-17"}}}`,
  ),
}) as unknown as DecisionDraft;
const released = await log.commit(proposal(allowed.id, 'lookup_order'));
const refused = await log.commit({ ...proposal(allowed.id, 'delete_order'), result: denied('TOOL_NOT_ALLOWED'), effect_enforced: 'refuse' } as DecisionDraft);
await log.outcome(allowed, {
  ...outcome,
  tool_calls: [{ decision: released.id, name: 'lookup_order', released: true, more: 0 }, { decision: refused.id, name: 'delete_order', released: false, more: 0 }],
  provider_tools: [{ type: 'mcp_call', name: 'search', server: 'docs' }, { type: 'web_search_call', name: null, server: null }], not_inspected: ['response_text'],
});
// The response of the next ends with what nobody can follow, after one call that was too many for three, and one that had only begun.
const unread = await log.commit(draft('{"model":"gpt-4o-mini","messages":[],"stream":true}') as DecisionDraft & { effect_enforced: 'forward' });
const excess = await log.commit({ ...proposal(unread.id, 'lookup_order'), result: denied('TOOL_CALLS_TOO_MANY'), effect_enforced: 'refuse' } as DecisionDraft);
await log.outcome(unread, {
  ...outcome, fault: 'RESPONSE_UNREADABLE', usage: null, finish: [],
  tool_calls: [{ decision: excess.id, name: 'lookup_order', released: false, more: 2 }, { decision: null, name: 'delete_order', released: false, more: 0 }],
});
await log.commit(draft('{"model":"gpt-9","messages":[]}', { result: denied('MODEL_DENIED'), effect_enforced: 'refuse' }));
await log.commit({
  id: randomUUIDv7(), phase: 'request', mode: 'enforce', route: null, subject: null, app: null, entrypoint: null, engine: null, bundle: null,
  result: denied('ROUTE_UNKNOWN'), effect_enforced: 'refuse', latency_us: 80, body_sha256: null, body_bytes: 0,
  input: Buffer.from('{"v":1,"phase":"request","time":"2026-11-24T20:00:00.000Z","route":null,"http":{"method":"GET","path":"/"},"subject":null,"app":null}'),
});
const secret = 'Please do not keep this.';
const unkept = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"${secret}"}]}`;
const withheld = await log.commit({
  ...draft(unkept),
  input_digest: Buffer.from(`${about()},"body_sha256":"${createHash('sha256').update(unkept).digest('hex')}"}`),
} as DecisionDraft & { effect_enforced: 'forward' });
await log.outcome(withheld, { ...outcome, status: 502, upstream_status: null, upstream_request_id: null, ended: 'upstream_unavailable', usage: null, finish: [] });
await log.event({
  type: 'approval', approval: randomUUIDv7(), decision: refused.id, tool: 'delete_order', arguments_sha256: createHash('sha256').update('{"order":"A-17"}').digest('hex'),
  requester: { id: subject.id, issuer: subject.issuer }, approver: { ...subject, id: 'grace@example.com', roles: ['approver'] }, role: 'approver', expires: new Date(clock + 900_000).toISOString(),
});
await log.close('SIGTERM');
// A crash in mid-line.
appendFileSync(join(folder, readdirSync(folder).filter((name) => name.endsWith('.log')).sort().at(-1) ?? ''), '{"v":1,"type":"decision","log":"');
log = await open(openSigner(pki.audit));
await log.event({ type: 'bundle_activated', bundle: { digest: '6c'.repeat(32), revision: 'r41', sequence: 41 }, previous: '7d'.repeat(32), rollback: true });
await log.rotate(second);
await log.commit(draft('{"model":"gpt-4o-mini","messages":[]}', { mode: 'shadow', result: denied('MODEL_DENIED') } as Partial<DecisionDraft>));
await log.close('SIGTERM');

const names = readdirSync(folder).filter((name) => name.endsWith('.log')).sort();
const lines = names.flatMap((segment) => {
  const text = readFileSync(join(folder, segment), 'utf8');
  writeFileSync(join(here, segment), text);
  return text.trimEnd().split('\n').map((line) => {
    const { seq, type, effect_enforced, input_form, signer } = JSON.parse(line.split('\t')[0] ?? '');
    return { segment, seq, type, effect_enforced, input_form, signer, sha256: createHash('sha256').update(line).digest('hex') };
  });
});
writeFileSync(join(here, 'root.pem'), pki.root.certificatePem);
writeFileSync(join(here, 'expected.json'), `${JSON.stringify({ outcome: 'signed', time: new Date(clock + 1000), lines }, null, 2)}\n`);
rmSync(work, { recursive: true });
