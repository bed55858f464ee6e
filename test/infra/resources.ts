/** Resources of a snapshot by type, and what one was given on. */
import type { Compiled, Resource } from './compiled';

/** The two there are, and production on each of the other back ends. */
export const ENVIRONMENTS = ['dev', 'prod', 'prod.Netherite', 'prod.DurableTaskScheduler'];

export function ofType(compiled: Compiled, environment: string, type: string): Resource[] {
  return compiled.snapshot(environment).filter((resource) => resource.type === type);
}

/** Throws unless there is exactly one. */
export function theOne(compiled: Compiled, environment: string, type: string): Resource {
  const found = ofType(compiled, environment, type);
  if (found.length !== 1) throw new Error(`${environment}: expected one ${type}, found ${found.length}`);
  return found[0]!;
}

export function shortName({ name }: Resource): string {
  return name.split('/').at(-1)!;
}

/** The type of the resource that a role, or a diagnostic setting, is on; `group` where it is on none. */
export function scopeOf(id: string): string {
  const unresolved = /^\[if\(equals\(resourceId\('[^']*', '[^']*', '([^']+)'/.exec(id)?.[1];
  if (unresolved) return unresolved;
  const resource = /^\[extensionResourceId\('[^']*\/providers\/([^']+)'/.exec(id)?.[1];
  if (!resource) return 'group';
  const [provider, ...names] = resource.split('/');
  return [provider, ...names.filter((_, at) => at % 2 === 0)].join('/');
}
