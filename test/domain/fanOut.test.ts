/** The fan-out tree: at most 32 children a node, nothing lost, names unique. */
import { groupsOf, NODE_CHILDREN_MAX, nodeName, nodeNames } from '../../domain/fanOut';

const batches = (n: number) => Array.from({ length: n }, (_, i) => `2026-01-05-001-${String(i + 1).padStart(4, '0')}`);

/** Every node's number of children, the root first. */
function childCounts(items: readonly string[]): number[] {
  const groups = groupsOf(items);
  return groups.length === 1 ? [items.length] : [groups.length, ...groups.flatMap((group) => childCounts(group))];
}

describe('the fan-out', () => {
  it.each([1, 32, 33, 64, 1000, 1024, 1025, 5000])('of %i batches has at most 32 children a node', (n) => {
    expect(Math.max(...childCounts(batches(n)))).toBeLessThanOrEqual(NODE_CHILDREN_MAX);
  });

  it.each([0, 1, 31, 32, 33, 100, 1025])('of %i batches loses none and keeps their order', (n) => {
    expect(groupsOf(batches(n)).flat()).toEqual(batches(n));
  });

  it('is one level for 32 and two for 33', () => {
    expect(groupsOf(batches(32))).toHaveLength(1);
    expect(groupsOf(batches(33))).toHaveLength(17);
  });

  it('names every inner node once', () => {
    expect(nodeNames(batches(32))).toEqual([]);
    const names = nodeNames(batches(2000));
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toBe(nodeName(groupsOf(batches(2000))[0]!));
  });
});
