/** Keys for Azure: allowed characters only, and the order, prefixes and identity of the keys they stand for. */
import fc from 'fast-check';
import { afterPrefix, escapeKey, escapePrefix, unescapeKey } from '../../services/azure/keys';

const tricky = fc.string({
  unit: fc.constantFrom(...' !"#$%&\'()./0>?@[\\]~1f\u0000\t\u001f\u007f\u0080\u009f\u00a0aé|'),
});
const escaped = (key: string) => escapeKey(key, 'a key');
const FORBIDDEN = /[/\\#?%'\p{Cc}]/u;

it('escapes whatever Azure forbids, and nothing of what the product uses', () => {
  fc.assert(fc.property(tricky, (key) => !FORBIDDEN.test(escaped(key))));
  for (const key of ['pilot-2026|00007', 'P000123|A2026-01-05|2', '000001767625200000-000000001'])
    expect(escaped(key)).toBe(key);
});

it('gives back the key', () => {
  fc.assert(fc.property(tricky, (key) => unescapeKey(escaped(key)) === key));
});

it('keeps the order of keys', () => {
  fc.assert(fc.property(tricky, tricky, (a, b) => a < b === escaped(a) < escaped(b)));
});

it('finds by prefix exactly the keys that start with it', () => {
  fc.assert(
    fc.property(tricky, tricky, (prefix, key) => {
      fc.pre(prefix !== '');
      const [from, to] = [escapePrefix(prefix), afterPrefix(escapePrefix(prefix))];
      for (const one of [key, prefix + key])
        expect(escaped(one) >= from && escaped(one) < to).toBe(one.startsWith(prefix));
    }),
  );
});

it('refuses a key over the limit, without quoting it', () => {
  expect(escapeKey('k'.repeat(512), 'a key')).toHaveLength(512);
  expect(() => escapeKey('k'.repeat(513), 'things: a row key')).toThrow(/^things: a row key of 513 characters/);
});
