/**
 * The host's own run of an execution (core/hostRun) as text, and back. Whatever fields it has are kept: maps and sets,
 * and the tree of waiting tasks with its links to parents. The action list of an episode is left out; it is given anew
 * with the next one. A run that came back goes on as the one that was saved would have.
 */
import { HostRun, type RunHost, type RunScope } from '../core/hostRun';
import type { Node } from '../core/runTree';

type Fields = Record<string, unknown>;

interface Saved {
  scope: RunScope;
  run: Fields;
  outbox: Fields;
  /** `parent` is a position in this list */
  nodes: Fields[];
}

const NODE_KINDS = new Set<unknown>(['leaf', 'all', 'any']);

export function saveRun(run: HostRun): string {
  const own: Fields = { ...run };
  const scope = own.scope as RunScope;
  const outbox: Fields = { ...(own.outbox as object) };
  for (const fields of [own, outbox]) {
    delete fields.scope;
    delete fields.host;
  }
  for (const key of ['outbox', 'actions', 'flat']) delete own[key];
  const nodes = new NodeList();
  const saved: Saved = { scope, run: nodes.write(own), outbox: nodes.write(outbox), nodes: nodes.written };
  return JSON.stringify(saved);
}

export function restoreRun(text: string, host: RunHost): HostRun {
  const saved = JSON.parse(text) as Saved;
  for (const node of saved.nodes) node.parent = node.parent === null ? null : saved.nodes[node.parent as number];
  const run = new HostRun(saved.scope, host);
  const { outbox } = run as unknown as { outbox: object };
  Object.assign(outbox, revived(saved.outbox, saved.nodes));
  return Object.assign(run, revived(saved.run, saved.nodes));
}

/** Numbers nodes in the order in which they are met; a node's ancestors come along. */
class NodeList {
  readonly written: Fields[] = [];
  private readonly numbers = new Map<Node, number>();

  write(fields: Fields): Fields {
    const out: Fields = {};
    for (const [key, value] of Object.entries(fields)) out[key] = this.value(value);
    return out;
  }

  private value(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Map) return { $map: [...value].map(([key, v]) => [key, this.value(v)]) };
    if (value instanceof Set) return { $set: [...value] };
    if (isNode(value)) return { $node: this.number(value) };
    if (Array.isArray(value) && isNode(value[0])) return value.map((v) => this.value(v));
    return value;
  }

  private number(node: Node): number {
    const known = this.numbers.get(node);
    if (known !== undefined) return known;
    const n = this.written.length;
    this.numbers.set(node, n);
    const fields: Fields = { ...node, parent: null };
    this.written.push(fields);
    if (node.parent) fields.parent = this.number(node.parent);
    return n;
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'parent' in value && NODE_KINDS.has((value as Node).kind);

function revived(fields: Fields, nodes: readonly Fields[]): Fields {
  const out: Fields = {};
  for (const [key, value] of Object.entries(fields)) out[key] = revive(value, nodes);
  return out;
}

function revive(value: unknown, nodes: readonly Fields[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((v: unknown) => revive(v, nodes));
  const { $map, $set, $node } = value as { $map?: [unknown, unknown][]; $set?: unknown[]; $node?: number };
  if ($map) return new Map($map.map(([key, v]) => [key, revive(v, nodes)]));
  if ($set) return new Set($set);
  return $node === undefined ? value : nodes[$node];
}
