import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Finding } from '../finding.ts';

type Rule = (typeof rules)[number];
type Context = Parameters<Rule['create']>[0];
type Source = Parameters<NonNullable<ReturnType<Rule['create']>['file']>>[0];

/**
 * Rules that have no place here. `filter-comments` would let whoever writes a text switch the others off by a comment in it;
 * `gcp` reads files, or takes a whole JSON document for the finding: its private key is found by `privatekey`.
 */
const LEFT_OUT = new Set(['filter-comments', 'gcp']);

/** What a rule finds, by `rule/messageId`. What stands nowhere here is `secret.other`, so that a new version loses none. */
const KINDS = new Map(
  Object.entries({
    'aws/AWSSecretAccessKey': 'secret.aws.secret_access_key',
    'privatekey/PrivateKey': 'secret.private_key',
    'npm/PackageJSON_xOauthToken': 'secret.github.token',
    'npm/NPM_ACCESS_TOKEN': 'secret.npm.token',
    'npm/Npmrc_authToken': 'secret.npm.token',
    'basicauth/BasicAuth': 'secret.connection_string',
    'slack/SLACK_TOKEN': 'secret.slack.token',
    'slack/IncomingWebhook': 'secret.slack.webhook',
    'sendgrid/SENDGRID_KEY': 'secret.sendgrid.api_key',
    'shopify/SHOPIFY_KEY': 'secret.shopify.api_key',
    'stripe/STRIPE_SECRET_KEY_LIVE': 'secret.stripe.secret_key',
    'stripe/STRIPE_SECRET_KEY_TEST': 'secret.stripe.test_key',
    'stripe/STRIPE_RESTRICTED_KEY_LIVE': 'secret.stripe.restricted_key',
    'stripe/STRIPE_RESTRICTED_KEY_TEST': 'secret.stripe.test_key',
    'github/GITHUB_TOKEN': 'secret.github.token',
    'gitlab/GITLAB_PERSONAL_ACCESS_TOKEN': 'secret.gitlab.token',
    'grafana/GRAFANA_CLOUD_API_TOKEN': 'secret.grafana.token',
    'grafana/GRAFANA_SERVICE_ACCOUNT_TOKEN': 'secret.grafana.token',
    'openai/OPENAI_TOKEN': 'secret.openai.api_key',
    'anthropic/ANTHROPIC_API_KEY': 'secret.anthropic.api_key',
    'groq/GROQ_API_KEY': 'secret.groq.api_key',
    'huggingface/HUGGINGFACE_USER_ACCESS_TOKEN': 'secret.huggingface.token',
    'linear/LINEAR_API_TOKEN': 'secret.linear.token',
    'notion/NOTION_INTEGRATION_TOKEN': 'secret.notion.token',
    '1password/OPS_TOKEN': 'secret.1password.token',
    'database-connection-string/MongoDBConnection': 'secret.connection_string',
    'database-connection-string/MySQLConnection': 'secret.connection_string',
    'database-connection-string/PostgreSQLConnection': 'secret.connection_string',
    'hashicorp-vault/HASHICORP_VAULT_SERVICE_TOKEN': 'secret.vault.token',
    'hashicorp-vault/HASHICORP_VAULT_BATCH_TOKEN': 'secret.vault.token',
    'hashicorp-vault/HASHICORP_VAULT_RECOVERY_TOKEN': 'secret.vault.token',
    'vercel/VERCEL_PERSONAL_ACCESS_TOKEN': 'secret.vercel.token',
    'vercel/VERCEL_INTEGRATION_TOKEN': 'secret.vercel.token',
    'vercel/VERCEL_APP_ACCESS_TOKEN': 'secret.vercel.token',
    'vercel/VERCEL_APP_REFRESH_TOKEN': 'secret.vercel.token',
    'vercel/VERCEL_AI_GATEWAY_API_KEY': 'secret.vercel.token',
    'databricks/DATABRICKS_PERSONAL_ACCESS_TOKEN': 'secret.databricks.token',
    'docker/DOCKER_PERSONAL_ACCESS_TOKEN': 'secret.docker.token',
    'figma/FIGMA_PERSONAL_ACCESS_TOKEN': 'secret.figma.token',
    'cloudflare/CLOUDFLARE_GLOBAL_API_KEY': 'secret.cloudflare.token',
    'cloudflare/CLOUDFLARE_USER_API_TOKEN': 'secret.cloudflare.token',
    'cloudflare/CLOUDFLARE_ACCOUNT_API_TOKEN': 'secret.cloudflare.token',
    'tailscale/TAILSCALE_API_KEY': 'secret.tailscale.key',
    'tailscale/TAILSCALE_AUTH_KEY': 'secret.tailscale.key',
    'tailscale/TAILSCALE_CLIENT_KEY': 'secret.tailscale.key',
    'tailscale/TAILSCALE_SCIM_KEY': 'secret.tailscale.key',
    'tailscale/TAILSCALE_WEBHOOK_KEY': 'secret.tailscale.key',
    'tailscale/TAILSCALE_KEY': 'secret.tailscale.key',
  }),
);

/** Kinds that the table names. */
export const SECRETLINT_KINDS: readonly string[] = [...new Set(KINDS.values()), 'secret.other'];

/** What the rule that is running reads, and what was found. Rules run one after the other, without a pause in between. */
let content = '';
let found: Finding[] = [];

interface Report {
  message: { messageId: string; data: object };
  range: readonly [start: number, end: number];
}

/**
 * Some rules (AWS, npm) report a range as long as the secret that begins where the name in front of it does: its end would be
 * left to be read. What the rule calls the secret is looked for from there.
 */
function placeOf(data: object, [start, end]: Report['range']): [number, number] {
  const value: unknown = Object.values(data)[0];
  if (typeof value !== 'string' || value.length !== end - start || content.startsWith(value, start))
    return [start, end];
  const at = content.indexOf(value, start);
  return at < 0 ? [start, end] : [at, at + value.length];
}

/**
 * Rules are driven here and not by secretlint's core: that compares every finding with every other, keeps marks for its
 * profiler for ever, writes the secrets into messages that nobody reads, and makes all rules anew for every text.
 */
const HANDLERS = rules.flatMap((rule) => {
  const name = rule.meta.id.replace('@secretlint/secretlint-rule-', '');
  if (LEFT_OUT.has(name)) return [];
  const context = {
    sharedOptions: {},
    // Only the values are wanted, and only until their places are known.
    createTranslator: () => (messageId: string, data: object) => ({ message: '', messageId, data }),
    report: ({ message, range }: Report) => {
      const kind = KINDS.get(`${name}/${message.messageId}`) ?? 'secret.other';
      const [start, end] = placeOf(message.data, range);
      found.push({ kind, start, end, confidence: 1, rule: `sensitivity/secretlint/${name}` });
    },
    ignore: () => {},
  } as unknown as Context;
  return rule.create(context, {}).file ?? [];
});

/**
 * What secretlint's recommended preset finds.
 *
 * All its patterns are bounded, so their time is linear in the text; measured on 1 MB of their own triggers, most take
 * 10-100 ms, `figma` 0.3 s, `github` (installation tokens, three runs of up to 10000 signs) 1 s. Windows would not help:
 * the bound of a pattern is the window already.
 */
export function findBySecretlint(text: string): Finding[] {
  // No path and no such extension that a rule would read a file.
  const source = { content: text, ext: '.txt', contentType: 'text', filePath: undefined } as unknown as Source;
  content = text;
  found = [];
  for (const file of HANDLERS) file(source);
  const all = found;
  content = '';
  found = [];
  return all;
}
