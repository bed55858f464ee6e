/** Ranges of row keys against a plain reading of what they promise. */
import fc from 'fast-check';
import { idRange } from '../../services/rows';

const id = fc.stringMatching(/^[A-Za-z0-9-]{1,6}$/);

it('a range of ids holds its ends and all between them, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(id, { minLength: 1 }), id, id, (ids, one, other) => {
      const [first, last] = [one, other].sort() as [string, string];
      const { rkAfter, rkBefore } = idRange(first, last);
      const isIn = (key: string) => key > rkAfter && key < rkBefore;
      const all = [...ids, first, last, `${first}-`, `${last}-`, `${first.slice(0, -1)}-`];
      expect(all.filter(isIn)).toEqual(all.filter((key) => key >= first && key <= last));
    }),
  );
});
