/** Work side by side: bounded, in order, and nothing left in flight when it fails. */
import { sideBySide } from '../../services/sideBySide';

const moment = () => new Promise<void>((resolve) => setImmediate(resolve));

it('gives what came of each in the order of the items, however long each took', async () => {
  const slowFirst = async (n: number) => {
    for (let turn = 0; turn < 4 - n; turn += 1) await moment();
    return n * 10;
  };
  expect(await sideBySide([1, 2, 3], 3, slowFirst)).toEqual([10, 20, 30]);
  expect(await sideBySide([], 3, slowFirst)).toEqual([]);
});

it.each([1, 4])('has %i under way at most, and that many where there are enough', async (max) => {
  let [now, most] = [0, 0];
  await sideBySide([...Array(10).keys()], max, async () => {
    most = Math.max(most, (now += 1));
    await moment();
    now -= 1;
  });
  expect([most, now]).toEqual([max, 0]);
});

it('begins no further after a failure, waits for those under way, and throws the first', async () => {
  const [begun, ended]: [number[], number[]] = [[], []];
  const working = sideBySide([0, 1, 2, 3], 2, async (n) => {
    begun.push(n);
    if (n === 0) throw new Error('the first');
    await moment();
    ended.push(n);
    throw new Error('a later one');
  });
  await expect(working).rejects.toThrow('the first');
  expect([begun, ended]).toEqual([[0, 1], [1]]);
});
