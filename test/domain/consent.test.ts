/** Newest `effectiveAt` wins, a tie goes to opt-out, and the order of arrival never matters (formats.md, "In: preferences"). */
import fc from 'fast-check';
import { newerPreference, statusOf, type KnownPreference, type Preference } from '../../domain/consent';

const preference = (status: 'OPT_IN' | 'OPT_OUT', effectiveAtMs: number, source: 'VENDOR' | 'REPLY' = 'VENDOR') =>
  ({ status, source, effectiveAtMs }) as Preference;

const merged = (news: readonly Preference[]) =>
  news.reduce<KnownPreference>((known, one) => newerPreference(known, one), null);

describe('merging preferences', () => {
  const stop = preference('OPT_OUT', 1000, 'REPLY');

  it.each([
    ['anything is newer than nothing', null, preference('OPT_IN', 5), 'OPT_IN'],
    ['an older vendor OPT_IN never undoes a STOP', stop, preference('OPT_IN', 999), 'OPT_OUT'],
    ['a vendor OPT_IN of the same instant does not either', stop, preference('OPT_IN', 1000), 'OPT_OUT'],
    ['a newer vendor OPT_IN does', stop, preference('OPT_IN', 1001), 'OPT_IN'],
    ['a tie goes to the opt-out that came second', preference('OPT_IN', 1000), stop, 'OPT_OUT'],
    ['an older opt-out does not undo a newer opt-in', preference('OPT_IN', 1000), preference('OPT_OUT', 999), 'OPT_IN'],
  ])('%s', (_, known, news, status) => {
    expect(statusOf(newerPreference(known, news))).toBe(status);
  });

  it('unknown is not consent', () => {
    expect(statusOf(null)).toBe('UNKNOWN');
  });

  it('gives the same whatever the order and number of deliveries', () => {
    const one = fc.record({
      status: fc.constantFrom('OPT_IN' as const, 'OPT_OUT' as const),
      source: fc.constantFrom('VENDOR' as const, 'REPLY' as const),
      effectiveAtMs: fc.integer({ min: 0, max: 5 }),
    });
    const shuffled = fc
      .array(one, { minLength: 1, maxLength: 8 })
      .chain((news) =>
        fc.tuple(fc.constant(news), fc.shuffledSubarray([...news, ...news], { minLength: 2 * news.length })),
      );
    fc.assert(
      fc.property(shuffled, ([news, again]) => {
        const [a, b] = [merged(news), merged(again)];
        expect(b).toEqual(a);
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});
