import { expect, test } from '@jest/globals';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import { SENSITIVITY_KINDS } from '../../../src/classify/sensitivity/kinds.ts';
import { findBySecretlint, SECRETLINT_KINDS } from '../../../src/classify/sensitivity/secretlint.ts';
import { found } from './find.ts';

const LEFT_OUT = ['filter-comments', 'gcp'];

test('rules that are left out are those that we know', () => {
  const names = rules.map((rule) => rule.meta.id.replace('@secretlint/secretlint-rule-', ''));
  expect(names).toEqual(expect.arrayContaining(LEFT_OUT));
  // A new version with another rule is to be looked at: does it read files, is it linear?
  expect(names).toHaveLength(28);
});

test('no rule waits for anything: what it found after the call would be lost', () => {
  const context = { sharedOptions: {}, createTranslator: () => () => ({}), report: () => {}, ignore: () => {} };
  for (const rule of rules) {
    const handler = rule.create(context as never, {});
    expect(handler.file?.({ content: '', ext: '.txt', contentType: 'text' } as never)).toBeUndefined();
  }
});

test('every kind of the table has a sentence', () => {
  expect(SECRETLINT_KINDS.filter((kind) => !(kind in SENSITIVITY_KINDS))).toEqual([]);
});

const a = (size: number): string => 'aB3dE5gH7j'.repeat(20).slice(0, size);
const hex = (size: number): string => '0f1e2d3c4b5a6978'.repeat(20).slice(0, size);
const pem = `-----BEGIN PRIVATE KEY-----\nMI${a(126)}\n-----END PRIVATE KEY-----`;

test.each([
  ['secret.private_key', pem],
  ['secret.npm.token', `npm_${a(36)}`],
  ['secret.connection_string', 'https://robot:s3cretPw@git.acme.io/x'],
  ['secret.slack.token', `xoxb-${hex(12)}-${a(24)}`],
  ['secret.slack.webhook', `https://hooks.slack.com/services/T${a(8)}/B${a(8)}/${a(24)}`],
  ['secret.sendgrid.api_key', `SG.${a(22)}.${a(43)}`],
  ['secret.shopify.api_key', `shpat_${a(32)}`],
  ['secret.stripe.secret_key', `sk_live_${a(24)}`],
  ['secret.stripe.test_key', `sk_test_${a(24)}`],
  ['secret.stripe.restricted_key', `rk_live_${a(24)}`],
  ['secret.stripe.test_key', `rk_test_${a(24)}`],
  ['secret.github.token', `ghp_${a(36)}`],
  ['secret.github.token', `github_pat_${a(82)}`],
  ['secret.gitlab.token', `glpat-${a(20)}`],
  ['secret.grafana.token', `glc_${a(40)}`],
  ['secret.grafana.token', `glsa_${a(32)}_${hex(8)}`],
  ['secret.openai.api_key', `sk-${a(20)}T3BlbkFJ${a(20)}`],
  ['secret.openai.api_key', `sk-proj-${a(74)}T3BlbkFJ${a(74)}`],
  ['secret.anthropic.api_key', `sk-ant-api03-${a(93)}AA`],
  ['secret.groq.api_key', `gsk_${a(52)}`],
  ['secret.huggingface.token', `hf_${'aBcDeFgHiJ'.repeat(4).slice(0, 34)}`],
  ['secret.linear.token', `lin_api_${a(40)}`],
  ['secret.notion.token', `ntn_${'1'.repeat(11)}${a(35)}`],
  ['secret.1password.token', `ops_${Buffer.from(JSON.stringify({ a: 'b'.repeat(101) })).toString('base64')}`],
  ['secret.connection_string', 'mongodb+srv://robot:s3cretPw@db.acme.io/x'],
  ['secret.connection_string', 'mysql://robot:s3cretPw@db.acme.io/x'],
  ['secret.connection_string', 'postgres://robot:s3cretPw@db.acme.io/x'],
  ['secret.vault.token', `hvs.${a(95)}`],
  ['secret.vault.token', `hvb.${a(140)}`],
  ['secret.vault.token', `hvr.${a(95)}`],
  ['secret.vercel.token', `vcp_${a(24)}`],
  ['secret.databricks.token', `dapi${hex(32)}`],
  ['secret.docker.token', `dckr_pat_${a(27)}`],
  ['secret.figma.token', `figd_${a(40)}`],
  ['secret.cloudflare.token', `cfut_${a(40)}${hex(8)}`],
  ['secret.tailscale.key', `tskey-auth-${a(12)}-${a(32)}`],
])('%s: a rule finds it, at its place', (kind, secret) => {
  const text = `See: ${secret} and so on.`;
  const findings = findBySecretlint(text);
  expect(findings.map((finding) => finding.kind)).toContain(kind);
  for (const { start, end, kind: one } of findings) {
    expect(one).not.toBe('secret.other');
    expect(secret).toContain(text.slice(start, end));
  }
  // A byte order mark shifts nothing.
  expect(findBySecretlint(`\ufeff${text}`).map(({ start }) => start)).toEqual(findings.map(({ start }) => start + 1));
});

test('a comment in the text switches nothing off', () => {
  const secret = `npm_${a(36)}`;
  for (const comment of ['secretlint-disable', 'secretlint-disable-next-line', '/* secretlint-disable */']) {
    expect(found(`${comment}\n${secret} secretlint-disable-line`)).toEqual([`secret.npm.token: ${secret}`]);
  }
});

test('a secret is found from its first sign to its last, also where a rule says less', () => {
  const findings = (text: string) =>
    findBySecretlint(text).map(({ kind, start, end }) => [kind, text.slice(start, end)]);
  expect(findings(`aws_secret_access_key = ${a(40)}`)).toEqual([['secret.aws.secret_access_key', a(40)]]);
  expect(findings(`see https://${a(20)}:x-oauth-basic@github.com/`)).toContainEqual(['secret.github.token', a(20)]);
});
