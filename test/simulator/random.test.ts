/** Luck is a function of who, what and which time, spread evenly, and one occasion says nothing about another. */
import { bell, chance, exponential, luckKey, pick, pickWeighted, poisson } from '../../simulator/random';

const keys = Array.from({ length: 20_000 }, (_, i) => luckKey(7, `P${String(i).padStart(6, '0')}`));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('the same seed, subject, occasion and count give the same luck, and each of them alone changes it', () => {
  const drawn = chance(luckKey(1, 'P1'), 'lead', 1);
  expect(chance(luckKey(1, 'P1'), 'lead', 1)).toBe(drawn);
  const others = [
    chance(luckKey(2, 'P1'), 'lead', 1),
    chance(luckKey(1, 'P2'), 'lead', 1),
    chance(luckKey(1, 'P1'), 'slot', 1),
    chance(luckKey(1, 'P1'), 'lead', 2),
  ];
  expect(others).not.toContain(drawn);
  expect(luckKey(2 ** 40, 'P1')).not.toBe(luckKey(2 ** 41, 'P1'));
});

test('luck is uniform: each tenth of [0, 1) gets a tenth of the patients', () => {
  const tenths = new Array<number>(10).fill(0);
  for (const key of keys) tenths[Math.floor(chance(key, 'reaction', 1) * 10)]! += 1;
  for (const count of tenths) expect(Math.abs(count / keys.length - 0.1)).toBeLessThan(0.01);
});

test.each([
  ['reaction', 1, 'reaction', 2],
  ['organic', 0, 'stays away', 1],
  ['consent', 0, 'reaction', 1],
  ['text', 0, 'text', 1],
])('luck of %s %i and of %s %i is uncorrelated', (a, i, b, j) => {
  const covariance = mean(keys.map((key) => (chance(key, a, i) - 0.5) * (chance(key, b, j) - 0.5)));
  expect(Math.abs(covariance * 12)).toBeLessThan(0.03);
});

test('the shapes drawn from luck have the means they promise', () => {
  expect(mean(keys.map((key) => exponential(chance(key, 'e'), 3)))).toBeCloseTo(3, 0);
  expect(Math.abs(mean(keys.map((key) => poisson(key, 'p', 2.5))) - 2.5)).toBeLessThan(0.06);
  expect(Math.abs(mean(keys.map((key) => poisson(key, 'p', 400))) - 400)).toBeLessThan(1);
  expect(Math.abs(mean(keys.map((key) => bell(key, 'b'))))).toBeLessThan(0.03);
});

test('picking covers both ends of the list and refuses an empty one', () => {
  expect([pick(['a', 'b'], 0), pick(['a', 'b'], 0.499), pick(['a', 'b'], 0.5), pick(['a', 'b'], 0.9999999)]).toEqual([
    'a',
    'a',
    'b',
    'b',
  ]);
  const weighted = [{ weight: 1 }, { weight: 3 }];
  expect([pickWeighted(weighted, 0.24), pickWeighted(weighted, 0.26), pickWeighted(weighted, 0.9999999)]).toEqual([
    weighted[0],
    weighted[1],
    weighted[1],
  ]);
  expect(() => pick([], 0)).toThrow('nothing to pick from');
});
