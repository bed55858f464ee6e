/**
 * The tree of what the host waits for: leaves (tasks) under Task.all and Task.any nodes, with .NET's rules: all waits for
 * every member even after a failure, any for the first. Source: contract D "How the host consumes it".
 */
import type { Action } from './actions';

export interface Node {
  kind: 'all' | 'any' | 'leaf';
  done: boolean;
  failed: boolean;
  parent: Node | null;
  /** members of an `all` that are not done */
  left: number;
  /** a member failed, so the orchestrator has gone on although the host still waits */
  orchestratorAhead: boolean;
}

export interface Leaf extends Node {
  kind: 'leaf';
  what: 'activity' | 'sub' | 'timer' | 'event' | 'entity' | 'lock' | 'http' | 'none';
  /** position in the flattened action list */
  index: number;
  action: Action;
  retry: { attempt: number; startedAt: number; waiting: boolean } | null;
  fireAt: number;
  longTimer: boolean;
  /** callHttp: waiting for the poll timer, and the id that the orchestrator has reserved for the next call */
  polling: boolean;
  reserved: number;
}

export function newLeaf(action: Action, index: number, parent: Node | null): Leaf {
  return {
    kind: 'leaf',
    what: 'none',
    done: false,
    failed: false,
    parent,
    left: 0,
    orchestratorAhead: false,
    index,
    action,
    retry: null,
    fireAt: 0,
    longTimer: false,
    polling: false,
    reserved: -1,
  };
}

export function newGroup(kind: 'all' | 'any', members: number, parent: Node | null): Node {
  return { kind, done: false, failed: false, parent, left: members, orchestratorAhead: false };
}

/** Marks a node done and tells its ancestors. */
export function complete(node: Node, failed: boolean): void {
  if (node.done) return;
  node.done = true;
  node.failed = failed;
  const parent = node.parent;
  if (!parent || parent.done) return;
  if (parent.kind === 'any') {
    complete(parent, failed);
    return;
  }
  if (failed) parent.orchestratorAhead = true;
  if (--parent.left === 0) complete(parent, parent.orchestratorAhead);
}

/** True when the orchestrator has gone on past a failed Task.all that this node still belongs to. */
export function isBehind(node: Node): boolean {
  for (let n = node.parent; n; n = n.parent) if (n.orchestratorAhead) return true;
  return false;
}
