import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OPENAI_KEY } from '../upstream/index.ts';
import { CHAT_BODY, Stand } from './harness.ts';

// A vendor is reached by TLS, and only if its certificate is good for its name.

const folder = mkdtempSync(join(tmpdir(), 'verdict-tls-'));
const servers: Server[] = [];
const stands: Stand[] = [];
const seen: string[] = [];
afterAll(async () => {
  for (const stand of stands) await stand.close();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A vendor with a certificate of its own making for this name; returns its URL and the certificate's file. */
async function vendor(name: string, subject: string): Promise<{ url: string; file: string }> {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync(
    'openssl',
    [...request, '-keyout', key, '-out', cert, '-subj', `/CN=${name}`, '-addext', `subjectAltName=${subject}`],
    {
      stdio: 'ignore',
    },
  );
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => {
    seen.push(`${name} ${req.headers.authorization}`);
    req.resume();
    res.setHeader('content-type', 'application/json').end('{"object":"chat.completion","choices":[]}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, file: cert };
}

let good: { url: string; file: string };
beforeAll(async () => {
  good = await vendor('good', 'IP:127.0.0.1');
});

async function ask(url: string, extra: string): Promise<{ answer: unknown; ended: string }> {
  const stand = await Stand.open({ providers: { openai: url }, env: { NODE_EXTRA_CA_CERTS: extra } });
  stands.push(stand);
  const call = stand.gpt().chat.completions.create(CHAT_BODY);
  const { value, outcome } = await stand.decided(() =>
    call.then(
      ({ object }) => object,
      ({ code }) => code,
    ),
  );
  return { answer: value, ended: outcome.ended };
}

test('a certificate that the system or NODE_EXTRA_CA_CERTS trusts', async () => {
  expect(await ask(good.url, good.file)).toEqual({ answer: 'chat.completion', ended: 'complete' });
  expect(seen).toEqual([`good Bearer ${OPENAI_KEY}`]);
});

test('no other: the key is not sent', async () => {
  const stranger = await vendor('stranger', 'IP:127.0.0.1');
  const misnamed = await vendor('misnamed', 'DNS:api.openai.com');
  seen.length = 0;
  for (const [url, extra] of [
    [stranger.url, good.file],
    [misnamed.url, misnamed.file],
  ] as const) {
    expect(await ask(url, extra)).toEqual({ answer: 'UPSTREAM_UNAVAILABLE', ended: 'upstream_unavailable' });
  }
  expect(seen).toEqual([]);
});
