import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a development set-up in `folder` whose upstream is the benchmark's, with two routes under the policy of `support`:
 * one that gives policy and record the whole text, one that gives them digests, and one that labels the text too, as routes do by default.
 */
export function prepareVerdict(
  cli: string,
  folder: string,
  upstream: string,
): { token: string; env: NodeJS.ProcessEnv } {
  const run = (args: string[]): string =>
    execFileSync(process.execPath, [cli, ...args], { cwd: folder, encoding: 'utf8' });
  run(['init', '.']);
  const { token } = JSON.parse(
    run(['token', 'create', '--subject', 'bench', '--application', 'support-bot', '--json']),
  );
  writeFileSync(
    join(folder, 'verdict.yaml'),
    `listen: {host: 127.0.0.1, port: 0}
bundle: {path: bundles/dist/default.tar.gz, ca: pki/root.pem}
audit: {folder: audit, certificate: pki/audit.pem, key: pki/audit.key, ca: pki/root.pem}
identity: {tokens: tokens.json}
providers: {openai: {url: '${upstream}', key: {env: BENCH_KEY}}}
routes:
  - {id: full, match: {path: /full, methods: [POST]}, policy: support, mode: enforce, text: full, classify: false}
  - {id: digest, match: {path: /digest, methods: [POST]}, policy: support, mode: enforce, text: digest, classify: false}
  - {id: labels, match: {path: /labels, methods: [POST]}, policy: support, mode: enforce}
`,
  );
  return { token, env: { BENCH_KEY: readFileSync('/proc/sys/kernel/random/uuid', 'utf8').trim() } };
}
