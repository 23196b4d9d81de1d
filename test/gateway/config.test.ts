import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../src/gateway/config.ts';
import { ConfigError } from '../../src/gateway/config-error.ts';

const MINIMAL = `bundle: {path: bundle.tar.gz, ca: pki/root.pem}
audit:
  folder: audit
  certificate: pki/audit.pem
  key: pki/audit.key
  ca: /etc/verdict/root.pem
identity: {tokens: tokens.json}
providers:
  openai: {url: "https://api.openai.com", key: {env: OPENAI_API_KEY}}
routes:
  - id: support
    match: {path: /support}
    policy: support
`;

const read = (text: string) => parseConfig(Buffer.from(text), '/srv/verdict/verdict.yaml');

/** The lines with which a configuration is refused, without the file's name. */
function refusal(text: string): string[] {
  try {
    read(text);
    return ['accepted'];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replace('/srv/verdict/verdict.yaml:', ''));
  }
}

const changed = (before: string, after: string): string => {
  expect(MINIMAL).toContain(before);
  return MINIMAL.replace(before, after);
};

test('a minimal file is completed by defaults', () => {
  const config = read(MINIMAL);
  expect(config).toEqual({
    file: '/srv/verdict/verdict.yaml',
    config_sha256: createHash('sha256').update(MINIMAL).digest('hex'),
    listen: { host: '127.0.0.1', port: 8080 },
    bundle: { path: '/srv/verdict/bundle.tar.gz', ca: '/srv/verdict/pki/root.pem', allow_rollback: false, revoked: [] },
    audit: {
      folder: '/srv/verdict/audit',
      segment_bytes: 67108864,
      ca: '/etc/verdict/root.pem',
      signer: { certificate: '/srv/verdict/pki/audit.pem', key: '/srv/verdict/pki/audit.key' },
    },
    identity: { tokens: '/srv/verdict/tokens.json', oidc: [] },
    providers: { openai: { url: new URL('https://api.openai.com'), key: { env: 'OPENAI_API_KEY' } } },
    routes: [
      {
        id: 'support',
        match: { path: '/support', methods: ['GET', 'POST'] },
        kind: 'model',
        on_denied_tool: 'error',
        policy: 'support',
        mode: 'enforce',
        text: 'full',
        classify: true,
        input: { mask: ['secret'] },
        audit: { input: 'full' },
      },
    ],
    mcp_servers: {},
    approvals: { key: undefined, minutes: 15 },
    limits: {
      body_bytes: 10485760,
      header_bytes: 16384,
      headers_timeout_ms: 10000,
      body_timeout_ms: 30000,
      upstream_timeout_ms: 120000,
      upstream_idle_timeout_ms: 60000,
      concurrent_calls: 256,
      in_flight_bytes: 268435456,
      response_bytes: 10485760,
      tool_argument_bytes: 1048576,
      tool_calls: 128,
      classify_timeout_ms: 5000,
      policy_deadline_ms: 250,
      policy_memory_bytes: 536870912,
      stop_timeout_ms: 30000,
    },
    log: { level: 'info' },
  });
  expect(Object.isFrozen(config) && Object.isFrozen(config.routes[0]?.match)).toBe(true);
});

test('each kind of route takes the methods that it needs', () => {
  const config = read(
    MINIMAL.replace(
      'identity:',
      'mcp_servers: {files: {url: "https://mcp.example.com/mcp", key: {env: TOKEN}}}\nidentity:',
    ).replace(
      'routes:',
      'routes:\n  - {id: a, kind: hook, match: {path: /v1/hooks}, policy: p}\n  - {id: b, kind: mcp, server: files, match: {path: /mcp}, policy: p}',
    ),
  );
  expect(config.routes.map(({ match }) => match.methods)).toEqual([
    ['POST'],
    ['GET', 'POST', 'DELETE'],
    ['GET', 'POST'],
  ]);
  expect(config.mcp_servers).toEqual({ files: { url: new URL('https://mcp.example.com/mcp'), key: { env: 'TOKEN' } } });
});

test('everything can be set', () => {
  const config = read(`
listen: {host: "::", port: 0}
bundle: {path: /b.tar.gz, ca: r.pem, allow_rollback: true, revoked: [${'ab'.repeat(32)}]}
audit: {folder: a, segment_bytes: 1048576, pkcs12: a.p12, passphrase_env: AUDIT_PASS, ca: r.pem}
identity:
  oidc:
    - issuer: https://idp.example.com/
      audience: verdict
      jwks_url: https://idp.example.com/jwks
      algorithms: [ES256, EdDSA]
      clock_skew_seconds: 5
      claims: {roles: [realm_access, roles], tenant: tid, application: client_id}
    - {issuer: other, audience: [a, b], jwks_file: keys.json}
providers:
  openai: {url: http://127.0.0.1:9000/base, key: none}
  anthropic: {url: https://api.anthropic.com/, key: {file: keys/anthropic}}
routes:
  - &one {id: one, match: {path: /, provider: anthropic, application: app, methods: [POST]}, policy: p, mode: shadow, text: digest, audit: {input: digest}, classify: false, jurisdiction: US-CA, input: {mask: [secret, personal.email]}}
limits: {body_bytes: 1024, in_flight_bytes: 1024, policy_deadline_ms: 1, classify_timeout_ms: 1}
log: {level: silent}
`);
  expect(config.audit.signer).toEqual({ pkcs12: '/srv/verdict/a.p12', passphrase_env: 'AUDIT_PASS' });
  expect(config.identity).toEqual({
    tokens: undefined,
    oidc: [
      {
        issuer: 'https://idp.example.com/',
        audience: ['verdict'],
        algorithms: ['ES256', 'EdDSA'],
        clockSkewSeconds: 5,
        keys: { url: 'https://idp.example.com/jwks' },
        claims: { roles: ['realm_access', 'roles'], tenant: 'tid', application: 'client_id' },
      },
      {
        issuer: 'other',
        audience: ['a', 'b'],
        algorithms: ['ES256', 'RS256'],
        clockSkewSeconds: 60,
        keys: { file: '/srv/verdict/keys.json' },
        claims: { roles: 'roles', tenant: 'tenant', application: 'azp' },
      },
    ],
  });
  expect(config.providers.openai?.key).toBe('none');
  expect(config.providers.anthropic?.key).toEqual({ file: '/srv/verdict/keys/anthropic' });
  expect(config.routes[0]).toMatchObject({
    ...{ mode: 'shadow', text: 'digest', audit: { input: 'digest' } },
    ...{ classify: false, jurisdiction: 'US-CA', input: { mask: ['secret', 'personal.email'] } },
  });
});

describe('a bad file is refused with its place, what was expected and what came', () => {
  test.each<[string, string, string, string]>([
    [
      'a misspelt key',
      'policy: support',
      'policyy: support',
      '13:5: $.routes[0]: unknown key "policyy"; did you mean "policy"?',
    ],
    ['a misspelt section', 'audit:', 'audti:', '2:1: $: unknown key "audti"; did you mean "audit"?'],
    [
      'an unlike key',
      'identity: {',
      'identity: {zzzzzzzzzzz: 1, ',
      '7:12: $.identity: unknown key "zzzzzzzzzzz"; expected "tokens" or "oidc"',
    ],
    [
      'a missing key',
      'policy: support',
      'mode: shadow',
      '11:5: $.routes[0]: expected the key "policy", which is missing',
    ],
    [
      'a missing key below',
      '{path: /support}',
      '{methods: [GET]}',
      '12:5: $.routes[0].match: expected the key "path", which is missing',
    ],
    [
      'another word',
      'policy: support',
      'policy: support\n    mode: enforced',
      '14:11: $.routes[0].mode: expected "enforce" or "shadow", got "enforced"',
    ],
    [
      'another type',
      '{tokens: tokens.json}',
      '{tokens: [a, b]}',
      '7:20: $.identity.tokens: expected a text, got a list of 2',
    ],
    [
      'a number for a text',
      'id: support',
      'id: 12',
      '11:9: $.routes[0].id: expected 1 to 64 letters, digits, "_" and "-", beginning with a letter or digit, got a number',
    ],
    [
      'a text for a section',
      'identity: {tokens: tokens.json}',
      'identity: yes',
      '7:11: $.identity: expected an object, got a text of 3 characters',
    ],
    ['nothing', 'folder: audit', 'folder:', '3:10: $.audit.folder: expected a text, got nothing'],
    [
      'out of bounds',
      'identity:',
      'listen: {port: 70000}\nidentity:',
      '7:16: $.listen.port: expected a number of at most 65535, got 70000',
    ],
    [
      'a fraction',
      'identity:',
      'listen: {port: 1.5}\nidentity:',
      '7:16: $.listen.port: expected an integer, got a number',
    ],
    ['a bad name', 'id: support', 'id: "sup port"', '11:9: $.routes[0].id: expected 1 to 64 letters'],
    [
      'a method that is not taken',
      '{path: /support}',
      '{path: /support, methods: [PUT]}',
      '12:39: $.routes[0].match.methods[0]: expected "GET", "POST" or "DELETE", got "PUT"',
    ],
    [
      'no routes',
      MINIMAL.slice(MINIMAL.indexOf('routes:')),
      'routes: []',
      '10:9: $.routes: expected at least 1 item(s), got a list of 0',
    ],
    [
      'a digest of another length',
      'ca: pki/root.pem',
      'ca: pki/root.pem, revoked: [abc]',
      '1:59: $.bundle.revoked[0]: expected 64 lower-case hex digits',
    ],
    [
      'a certificate without key',
      '  key: pki/audit.key\n',
      '',
      '3:3: $.audit: expected certificate and key, or pkcs12',
    ],
    [
      'two kinds of key',
      'folder: audit',
      'folder: audit\n  pkcs12: a\n  passphrase_env: P',
      '4:11: $.audit.pkcs12: expected either pkcs12, or certificate and key',
    ],
    [
      'nobody who may call',
      '{tokens: tokens.json}',
      '{oidc: []}',
      '7:11: $.identity: expected tokens, or an issuer in oidc',
    ],
    [
      'a reserved path',
      'path: /support',
      'path: /metrics',
      '12:19: $.routes[0].match.path: expected a path that the gateway does not answer itself',
    ],
    [
      'a path with a slash at its end',
      'path: /support',
      'path: /support/',
      '12:19: $.routes[0].match.path: expected a canonical path',
    ],
    ['a path with dots', 'path: /support', 'path: /a/../b', '12:19: $.routes[0].match.path: expected a canonical path'],
    [
      'a path with a query',
      'path: /support',
      'path: "/a?b"',
      '12:19: $.routes[0].match.path: expected a canonical path',
    ],
    [
      'a path without a slash',
      'path: /support',
      'path: support',
      '12:19: $.routes[0].match.path: expected a canonical path',
    ],
    [
      'a provider that is not configured',
      '{path: /support}',
      '{path: /support, provider: anthropic}',
      '12:39: $.routes[0].match.provider: expected a provider that is configured',
    ],
    [
      'a URL with /v1',
      'api.openai.com',
      'api.openai.com/v1',
      '9:17: $.providers.openai.url: expected the URL without /v1',
    ],
    [
      'a URL of another kind',
      'https://api.openai.com',
      'file:///etc',
      '9:17: $.providers.openai.url: expected an https or http URL',
    ],
    [
      'a limit below another',
      'identity:',
      'limits: {in_flight_bytes: 4096}\nidentity:',
      '7:27: $.limits.in_flight_bytes: expected at least body_bytes (10485760), got 4096',
    ],
    [
      'an MCP route without its server',
      'policy: support',
      'kind: mcp\n    policy: support',
      '11:5: $.routes[0]: expected the key "server"',
    ],
    [
      'an MCP route to a server that is not there',
      'policy: support',
      'kind: mcp\n    server: files\n    policy: support',
      '14:13: $.routes[0].server: expected one of mcp_servers, got "files"',
    ],
    [
      'a server for a model',
      'policy: support',
      'server: files\n    policy: support',
      '13:13: $.routes[0].server: expected no server',
    ],
    [
      'a provider for a hook',
      '{path: /support}\n    policy',
      '{path: /support, provider: openai}\n    kind: hook\n    policy',
      '12:39: $.routes[0].match.provider: expected no provider for a route of kind hook',
    ],
    [
      'an MCP server whose URL has a query',
      'identity:',
      'mcp_servers: {files: {url: "https://mcp.example.com/mcp?x=1", key: none}}\nidentity:',
      '7:28: $.mcp_servers.files.url: expected an https or http URL',
    ],
    [
      'two kinds at one path',
      '    policy: support',
      '    policy: support\n  - {id: b, kind: hook, match: {path: /support, methods: [POST]}, policy: p}',
      '14:19: $.routes[1].kind: expected model',
    ],
  ])('%s', (_name, before, after, expected) => {
    const lines = refusal(changed(before, after));
    expect(lines.filter((line) => line.startsWith(expected))).toHaveLength(1);
  });

  test.each<[string, string, string]>([
    ['both key sources', 'jwks_url: https://a/, jwks_file: b', 'expected either jwks_url or jwks_file'],
    ['no key source', 'clock_skew_seconds: 1', 'expected either jwks_url or jwks_file'],
    ['keys over plain http', 'jwks_url: "http://idp.example.com/"', 'expected an https URL'],
    ['keys over plain http from a look-alike', 'jwks_url: "http://127.0.0.1.example.com/"', 'expected an https URL'],
    ['a URL with a password', 'jwks_url: "https://u:canary@a/"', 'expected an https URL without user name'],
    ['no URL', 'jwks_url: idp', 'expected an https URL'],
    ['HS256', 'jwks_file: a, algorithms: [HS256]', 'expected "ES256", '],
    ['none', 'jwks_file: a, algorithms: [none]', 'expected "ES256", '],
    ['a skew of a day', 'jwks_file: a, clock_skew_seconds: 86400', 'at most 300, got 86400'],
    [
      'a claim of another type',
      'jwks_file: a, claims: {roles: 7}',
      "expected a claim's name, or a list of names on the way to it, got a number",
    ],
  ])('an issuer with %s', (_name, rest, expected) => {
    const lines = refusal(changed('{tokens: tokens.json}', `{oidc: [{issuer: i, audience: a, ${rest}}]}`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^7:\d+: \$\.identity\.oidc\[0\]/);
    expect(lines[0]).toContain(expected);
    expect(lines[0]).not.toContain('canary');
  });

  test('issuers and route ids that are there twice', () => {
    const issuer = '{issuer: i, audience: a, jwks_file: k}';
    expect(refusal(changed('{tokens: tokens.json}', `{oidc: [${issuer}, ${issuer}]}`))[0]).toMatch(
      /oidc\[1\]\.issuer: expected each/,
    );
    expect(refusal(`${MINIMAL}  - {id: support, match: {path: /x}, policy: p}`)).toEqual([
      '14:10: $.routes[1].id: expected each id once, but the route in line 11 has it too',
    ]);
  });

  test('routes that match the same calls are named by their lines', () => {
    expect(refusal(`${MINIMAL}  - {id: two, match: {path: /support, provider: openai}, policy: p}`)).toEqual([
      '14:22: $.routes[1].match: the routes in lines 11 and 14 match the same calls; expected them to differ in path, methods, provider or application',
    ]);
  });

  test('several problems are told together, in the order of the text', () => {
    const lines = refusal(
      changed('folder: audit', 'folder: 7\n  sgment_bytes: 1').replace('policy: support', 'policy: ""'),
    );
    expect(lines.map((line) => line.split(':')[0])).toEqual(['3', '4', '14']);
  });
});

describe('a text that is no YAML of ours', () => {
  test.each<[string, string, string]>([
    [
      'a duplicate key',
      `${MINIMAL}log: {level: info}\nlog: {level: debug}\n`,
      '15:1: $: expected each key once in a mapping',
    ],
    ['two documents', `${MINIMAL}---\n${MINIMAL}`, 'expected one YAML document, got several'],
    ['a tab', 'bundle:\n\tpath: x\n', 'expected spaces for indentation, got a tab'],
    ['an open bracket', 'bundle: {path: canary', 'expected'],
    ['a tag', 'bundle: !canary {path: x}', 'expected a value without a tag'],
    ['binary', 'bundle: !!binary canary', 'expected'],
    ['an alias without anchor', 'bundle: *canary', 'expected aliases of anchors that stand before them'],
    ['a list as key', '? [canary]\n: x', 'expected a text as key'],
    ['a merge key', `x: &x {path: /y}\n${MINIMAL.replace('{path: /support}', '{<<: *x}')}`, 'unknown key'],
    ['__proto__', `${MINIMAL}__proto__: {log: {level: info}}`, 'unknown key "__proto__"'],
    ['nothing', '', '1:1: $: expected an object, got nothing'],
    ['a text', 'canary', '1:1: $: expected an object, got a text'],
    ['too much', `# ${'x'.repeat(1024 * 1024)}`, '1:1: $: expected at most 1048576 bytes'],
  ])('%s', (_name, text, expected) => {
    const lines = refusal(text);
    expect(lines.some((line) => line.includes(expected))).toBe(true);
    expect(lines.join()).not.toContain('canary');
  });

  test('bytes that are not UTF-8', () => {
    expect(() => parseConfig(Uint8Array.of(0x61, 0xff), 'v.yaml')).toThrow('v.yaml:1:1: $: expected UTF-8');
  });

  test('aliases that multiply', () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) =>
        `a${n}: &a${n} [${Array(9)
          .fill(n === 0 ? 'x' : `*a${n - 1}`)
          .join(', ')}]`,
    );
    expect(refusal(levels.join('\n'))).toEqual([
      '1:1: $: expected aliases of anchors that stand before them, for at most 100 values',
    ]);
  });
});

test('a secret that stands where it should not is never echoed', () => {
  const secret = 'sk-canary-0123456789';
  const places: [string, string][] = [
    ['key: {env: OPENAI_API_KEY}', `key: ${secret}`],
    ['key: {env: OPENAI_API_KEY}', `key: {env: ${secret}}`],
    ['key: {env: OPENAI_API_KEY}', `key: {value: ${secret}}`],
    ['key: {env: OPENAI_API_KEY}', `key: {${secret}: x}`],
    ['key: {env: OPENAI_API_KEY}', `key: [${secret}]`],
    ['key: {env: OPENAI_API_KEY}', `key: {env: OPENAI_API_KEY}, api_key: ${secret}`],
    ['https://api.openai.com', `https://user:${secret}@api.openai.com`],
    ['https://api.openai.com', `https://api.openai.com/?key=${secret}`],
    ['key: pki/audit.key', `key: {pem: ${secret}}`],
    ['key: pki/audit.key', `key: pki/audit.key\n  passphrase: ${secret}`],
    ['key: pki/audit.key', `key: pki/audit.key\n  passphrase_env: ${secret}`],
    ['id: support', `id: "${secret} ${secret}"`],
    ['{tokens: tokens.json}', `{tokens: {${'x'.repeat(50)}: ${secret}}}`],
    ['key: {env: OPENAI_API_KEY}', `key: "${secret}`],
    ['key: {env: OPENAI_API_KEY}', `key: ${secret}: ${secret}`],
    ['key: {env: OPENAI_API_KEY}', `key: @${secret}`],
  ];
  for (const [before, after] of places) {
    const text = refusal(changed(before, after)).join('\n');
    expect(text).not.toBe('accepted');
    expect([after, text]).not.toEqual([after, expect.stringContaining('canary')]);
  }
});
