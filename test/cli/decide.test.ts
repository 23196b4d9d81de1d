import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { register } from '../../src/cli/decide.ts';
import { testPki } from '../audit/signed-log.ts';
import { AFTER, BEFORE, bundleOf } from '../replay/recorded.ts';
import { CA, folderOf, type Ran, run, shell } from './reading.ts';

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  const { bytes } = await bundleOf(['small'], 1);
  const strange = await bundleOf(['small'], 1, testPki(BEFORE));
  folder = folderOf({
    'bundle.tar.gz': bytes,
    'strange.tar.gz': strange.bytes,
    'allowed.json': '{"call":{"model":"small"}}\n',
    'denied.json': '{"call":{"model":"large"}}',
    'doubled.json': '{"call":{"model":"large"},"call":{"model":"small"}}',
  });
});

const decide = (input: string, ...args: string[]): Promise<Ran> =>
  run(register, [
    'decide',
    '--bundle',
    file('bundle.tar.gz'),
    '--input',
    input,
    '--ca',
    CA,
    '--at',
    AFTER.toISOString(),
    ...args,
  ]);

describe('verdict decide', () => {
  test('prints the decision, whatever it is, and succeeds', async () => {
    expect(await decide(file('allowed.json'))).toMatchObject({
      code: 0,
      lines: ['{"effect":"allow","obligations":[],"reasons":[]}'],
    });
    const { code, lines } = await decide(file('denied.json'));
    expect([code, JSON.parse(lines[0] ?? '')]).toMatchObject([
      0,
      { effect: 'deny', reasons: [{ code: 'MODEL_NOT_ALLOWED' }] },
    ]);
  });

  test('reads the input from a pipe', async () => {
    const script =
      'printf "%s" "{\\"call\\":{\\"model\\":\\"small\\"}}" | $VERDICT decide --bundle "$1" --input - --ca "$2" --at "$3"';
    const { code, lines } = await shell(script, file('bundle.tar.gz'), CA, AFTER.toISOString());
    expect([code, lines]).toEqual([0, ['{"effect":"allow","obligations":[],"reasons":[]}']]);
  });

  test('refuses an inexact input, an unknown entrypoint, and what cannot be read', async () => {
    expect(await decide(file('doubled.json'))).toMatchObject({
      code: 2,
      message: expect.stringContaining('JSON_DUPLICATE_KEY'),
    });
    expect(await decide(file('allowed.json'), '--entrypoint', 'verdict/other')).toMatchObject({
      code: 2,
      message: expect.stringContaining('verdict/request'),
    });
    expect((await decide(file('missing.json'))).code).toBe(3);
  });

  test('refuses a bundle that is not whole or of a stranger, or at another time', async () => {
    expect(await decide(file('allowed.json'), '--bundle', file('strange.tar.gz'))).toMatchObject({
      code: 1,
      message: expect.stringContaining('BUNDLE_SIGNER_UNTRUSTED'),
    });
    expect((await decide(file('allowed.json'), '--bundle', file('allowed.json'))).code).toBe(1);
    expect((await decide(file('allowed.json'), '--bundle', file('missing.tar.gz'))).code).toBe(3);
    expect(await decide(file('allowed.json'), '--at', '2020-01-01T00:00:00Z')).toMatchObject({ code: 1 });
  });
});
