/** Rows of older schemas: upgraded when read, marked when written, refused when newer than the code. */
import { createMemoryTables } from '../../services/memory/tables';
import { versioned, type Upgrades } from '../../services/schema';
import { allRows } from '../../services/tables';

interface Now {
  readonly name: string;
  readonly tags: readonly string[];
}

/** Version 1 had `title`, version 2 `name`, version 3 has `tags` too. */
const STEPS: Upgrades = [
  ({ title, ...rest }: { title: string }) => ({ ...rest, name: title }),
  (old: { name: string }) => ({ ...old, tags: [] }),
] as never;

async function stored(value: object) {
  const tables = createMemoryTables();
  await tables.table<object>('things').insert({ pk: 'p', rk: 'r', value });
  return { raw: tables.table<object>('things'), table: versioned<Now>('things', tables.table<Now>('things'), STEPS) };
}

it.each<[string, object]>([
  ['version 1, which carries no mark', { title: 'x' }],
  ['version 2', { name: 'x', v: 2 }],
  ['version 3', { name: 'x', tags: [], v: 3 }],
])('a row of %s is read as of today', async (_, value) => {
  const { table } = await stored(value);
  expect(await table.get('p', 'r')).toEqual({ name: 'x', tags: [], v: 3 });
  expect((await allRows(table, {})).map((row) => row.value)).toEqual([{ name: 'x', tags: [], v: 3 }]);
});

it('is written back in the new form by the next change, and no concurrent change is lost', async () => {
  const { raw, table } = await stored({ title: 'x' });
  const before = (await table.get('p', 'r'))!;
  expect(await table.replaceBatch('p', [{ pk: 'p', rk: 'r', before, value: { ...before, tags: ['a'] } }])).toBe(true);
  expect(await raw.get('p', 'r')).toEqual({ name: 'x', tags: ['a'], v: 3 });
  expect(await table.replaceBatch('p', [{ pk: 'p', rk: 'r', before, value: before }])).toBe(false);
  await table.update('p', 'r', (value) => ({ ...value!, tags: ['b'] }));
  expect(await raw.get('p', 'r')).toEqual({ name: 'x', tags: ['b'], v: 3 });
});

it('of a newer release is refused, by name', async () => {
  const { table } = await stored({ v: 4 });
  await expect(table.get('p', 'r')).rejects.toThrow(/things.*version 4, expected at most 3/);
});

it('costs nothing where no schema has changed', () => {
  const table = createMemoryTables().table('things');
  expect(versioned('things', table, undefined)).toBe(table);
});
