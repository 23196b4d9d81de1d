import { randomUUIDv7 } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Log, UsedApprovals } from '../../src/audit/index.ts';
import { allow, DENIAL, freshFolder, inputHead, inputOf, linesOf, openLog, refusal, segmentsOf } from './support.ts';

// What a log's end tells, when it is opened again, of the approvals that let calls go ahead.

const LONG_AGO = new Date(Date.now() - 3_600_000);

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const approval = (id: string): string =>
  `"approval":{"id":"${id}","by":{"id":"carol","issuer":"verdict","role":"maintainer"}}`;

/** An allowed call whose input has this after what all of them have. */
function allowed(rest: string, phase: 'request' | 'tool' = 'request') {
  const { body_in_input: _, ...draft } = { ...allow(), ...inputOf(0) };
  const head = inputHead().replace('"phase":"request"', `"phase":"${phase}"`);
  return { ...draft, phase, body_sha256: 'ab'.repeat(32), body_bytes: 500, input: encode(`${head},${rest}}`) };
}

const request = (id: string) => allowed(approval(id));
const tool = (id: string) => allowed(`"tool":{"name":"Bash",${approval(id)}}`, 'tool');

/** Writes, and leaves the log as a process that ended. */
async function written(folder: string, write: (log: Log) => Promise<unknown>, segmentBytes?: number): Promise<void> {
  const log = await openLog(folder, { segmentBytes });
  await write(log);
  await log.close('stopped');
}

async function reopened(folder: string, approvalsSince?: Date): Promise<UsedApprovals> {
  const log = await openLog(folder, { approvalsSince });
  await log.close('stopped');
  return log.usedApprovals;
}

test('a new log tells that there was none', async () => {
  expect(await reopened(freshFolder(), LONG_AGO)).toEqual({ ids: [], since: null });
});

test('those of requests and of tool calls that went ahead, and no others', async () => {
  const folder = freshFolder();
  const ids = [randomUUIDv7(), randomUUIDv7()] as const;
  const other = randomUUIDv7();
  await written(folder, async (log) => {
    await log.commit(request(ids[0]));
    await log.commit(tool(ids[1]));
    await log.commit({ ...tool(other), result: DENIAL, effect_enforced: 'refuse' });
    await log.commit(allowed(`"body":{${approval(other)},"effect_enforced":"forward"}`));
    await log.commit(refusal());
  });
  expect(await reopened(folder, LONG_AGO)).toEqual({ ids, since: null });
  expect(await reopened(folder)).toEqual({ ids: [], since: null }); // nobody asks
});

test('of as many segments as the time that matters takes', async () => {
  const folder = freshFolder();
  const [early, late] = [randomUUIDv7(), randomUUIDv7()];
  let between = new Date();
  await written(
    folder,
    async (log) => {
      await log.commit(request(early));
      for (let i = 0; i < 6; i++) await log.commit(allow());
      await new Promise((resolve) => setTimeout(resolve, 20));
      between = new Date();
      for (let i = 0; i < 3; i++) await log.commit(allow());
      await log.commit(tool(late));
      for (let i = 0; i < 6; i++) await log.commit(allow());
    },
    3000,
  );
  expect(segmentsOf(folder).length).toBeGreaterThan(4);
  expect(await reopened(folder, LONG_AGO)).toEqual({ ids: [late, early], since: null });
  const { ids, since } = await reopened(folder, between);
  expect(ids).toEqual([late]);
  expect(new Date(since ?? 0).getTime()).toBeLessThanOrEqual(between.getTime());
});

test('also after a last segment without a line, as a crash right after its creation leaves it', async () => {
  const folder = freshFolder();
  const id = randomUUIDv7();
  await written(folder, (log) => log.commit(request(id)));
  writeFileSync(join(folder, `${String(linesOf(folder).length).padStart(16, '0')}.log`), '');
  expect(await reopened(folder, new Date(Date.now() + 60_000))).toMatchObject({ ids: [id] });
});

test('where segments were taken away, since when it tells', async () => {
  const folder = freshFolder();
  const id = randomUUIDv7();
  await written(
    folder,
    async (log) => {
      await log.commit(request(id));
      for (let i = 0; i < 6; i++) await log.commit(allow());
    },
    2000,
  );
  const holds = linesOf(folder).find(({ json }) => json.includes(id))?.segment ?? '';
  for (const name of segmentsOf(folder)) if (name <= holds) rmSync(join(folder, name));
  const [first] = linesOf(folder);
  expect(await reopened(folder, LONG_AGO)).toEqual({ ids: [], since: first?.record.time });
});
