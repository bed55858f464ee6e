/**
 * Which HTTP function answers a request: routes of the app under host.json's routePrefix, matched without case.
 * Route templates: `{name}`, `{name?}` (last part), `{*rest}`, constraints int, long, guid, bool, alpha, decimal, regex.
 * Source: contract A (http), ASP.NET route templates.
 */
import findMyWay, { type HTTPMethod } from 'find-my-way';
import type { AppFunction } from '../realm/functionTable';

export interface RouteMatch {
  fn: AppFunction;
  params: Record<string, string>;
}

const CONSTRAINTS: Record<string, string> = {
  int: '^-?\\d+$',
  long: '^-?\\d+$',
  guid: '^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$',
  bool: '^(?:true|false|True|False)$',
  alpha: '^[A-Za-z]+$',
  decimal: '^-?\\d+(?:\\.\\d+)?$',
};

export class Routes {
  private readonly router = findMyWay({ caseSensitive: false, ignoreTrailingSlash: true });
  readonly described: { name: string; methods: string[]; path: string }[] = [];

  /** Throws when two functions claim the same method and route. */
  constructor(functions: readonly AppFunction[], routePrefix: string) {
    const prefix = routePrefix.replace(/^\/|\/$/g, '');
    for (const fn of functions) {
      const route = typeof fn.trigger.route === 'string' ? fn.trigger.route : fn.name;
      const path = `/${[prefix, route.replace(/^\//, '')].filter((p) => p !== '').join('/')}`;
      const methods = (fn.trigger.methods as string[] | undefined) ?? ['GET', 'POST'];
      this.described.push({ name: fn.name, methods, path });
      for (const variant of variants(path)) this.add(methods, variant, fn);
    }
  }

  find(method: string, path: string): RouteMatch | null {
    const found = this.router.find(method as HTTPMethod, path);
    if (!found) return null;
    const store = found.store as { fn: AppFunction; rest: string | null };
    const params: Record<string, string> = {};
    for (const [key, value] of Object.entries(found.params)) {
      if (value !== undefined) params[key === '*' && store.rest !== null ? store.rest : key] = value;
    }
    return { fn: store.fn, params };
  }

  private add(methods: string[], template: { path: string; rest: string | null }, fn: AppFunction): void {
    const upper = methods.map((m) => m.toUpperCase() as HTTPMethod);
    try {
      this.router.on(upper, template.path, () => undefined, { fn, rest: template.rest });
    } catch (error) {
      throw new Error(`Function '${fn.name}' cannot have the route '${template.path}': ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

/** find-my-way paths for a template; an optional last part gives two. */
function variants(path: string): { path: string; rest: string | null }[] {
  const parts = path.split('/').filter((p) => p !== '');
  const last = parts[parts.length - 1] ?? '';
  const rest = /^\{\*+(\w+)\}$/.exec(last);
  if (rest) {
    const head = convert(parts.slice(0, -1));
    return [{ path: `${head}/*`, rest: rest[1] as string }];
  }
  if (!/^\{\w+(?::[^}]*)?\?\}$/.test(last)) return [{ path: convert(parts), rest: null }];
  const without = convert(parts.slice(0, -1));
  return [
    { path: without === '' ? '/' : without, rest: null },
    { path: convert([...parts.slice(0, -1), last.replace('?}', '}')]), rest: null },
  ];
}

function convert(parts: readonly string[]): string {
  return parts
    .map((p) => '/' + p.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name: string, rule?: string) => param(name, rule)))
    .join('');
}

function param(name: string, rule: string | undefined): string {
  if (rule === undefined) return `:${name}`;
  const regex = /^regex\((.*)\)$/.exec(rule)?.[1] ?? CONSTRAINTS[rule];
  return regex === undefined ? `:${name}` : `:${name}(${regex})`;
}
