/**
 * Fan-out as a tree: many children of one parent cost it an episode each, so a node has at most `NODE_CHILDREN_MAX`.
 * The same split names the nodes when they are started and when their histories are purged.
 */

/** About 32 children a node (issue 3): beyond, the parent's replays dominate. */
export const NODE_CHILDREN_MAX = 32;

/** `[items]` when one node can hold them, else at most `NODE_CHILDREN_MAX` groups of equal size. */
export function groupsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= NODE_CHILDREN_MAX) return [items];
  const size = Math.ceil(items.length / NODE_CHILDREN_MAX);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Name of the node over these batches, unique in its campaign. */
export function nodeName(batches: readonly string[]): string {
  return `${batches[0]}+${batches.length}`;
}

/** Names of every inner node below the root over these batches. */
export function nodeNames(batches: readonly string[]): string[] {
  const groups = groupsOf(batches);
  return groups.length === 1 ? [] : groups.flatMap((group) => [nodeName(group), ...nodeNames(group)]);
}
