import { expect, test } from '@jest/globals';
import { Admission } from '../../src/gateway/admission.ts';

test('so many calls, and no more until one leaves', () => {
  const admission = new Admission(2, 100);
  expect([admission.enter(), admission.enter(), admission.enter()]).toEqual([true, true, false]);
  expect(admission.inFlight).toBe(2);
  admission.leave(0);
  expect([admission.enter(), admission.enter()]).toEqual([true, false]);
});

test('so many bytes, exactly, and what is refused takes no room', () => {
  const admission = new Admission(3, 100);
  for (let i = 0; i < 3; i++) admission.enter();
  expect([admission.hold(60), admission.hold(41), admission.hold(40), admission.hold(1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  admission.leave(60);
  expect([admission.hold(61), admission.hold(60)]).toEqual([false, true]);
  admission.leave(40);
  admission.leave(60);
  expect(admission.hold(100)).toBe(true);
});

test('drained once all have left, for everybody who waits', async () => {
  const admission = new Admission(2, 100);
  await admission.drained();
  admission.enter();
  admission.enter();
  const waiting = [admission.drained(), admission.drained()];
  let done = false;
  void waiting[0]?.then(() => {
    done = true;
  });
  admission.leave(0);
  await Promise.resolve();
  expect(done).toBe(false);
  admission.leave(0);
  await Promise.all(waiting);
  await admission.drained();
});
