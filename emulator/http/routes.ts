/**
 * Which HTTP function answers a request: routes of the app under host.json's routePrefix. Of several that match, the one
 * with the more exact parts from the left on. Leaves out what a template means (routeTemplate).
 * Source: contract A (http), ASP.NET Core route precedence.
 */
import type { AppFunction } from '../realm/functionTable';
import { routeTemplate, type RouteTemplate } from './routeTemplate';

export interface RouteMatch {
  fn: AppFunction;
  params: Record<string, string>;
}

interface Route {
  fn: AppFunction;
  methods: ReadonlySet<string>;
  template: RouteTemplate;
}

export class Routes {
  private readonly routes: Route[] = [];
  readonly described: { name: string; methods: string[]; path: string }[] = [];

  /** Throws when two functions claim the same method and route. */
  constructor(functions: readonly AppFunction[], routePrefix: string) {
    const prefix = routePrefix.replace(/^\/|\/$/g, '');
    for (const fn of functions) {
      const route = typeof fn.trigger.route === 'string' ? fn.trigger.route : fn.name;
      const path = `/${[prefix, route.replace(/^\//, '')].filter((p) => p !== '').join('/')}`;
      const methods = (fn.trigger.methods as string[] | undefined) ?? ['GET', 'POST'];
      this.described.push({ name: fn.name, methods, path });
      this.add(methods, path, fn);
    }
    this.routes.sort((a, b) => compare(a.template.precedence, b.template.precedence));
  }

  find(method: string, path: string): RouteMatch | null {
    const parts = decodedParts(path);
    if (!parts) return null;
    for (const { fn, methods, template } of this.routes) {
      if (!methods.has(method)) continue;
      const params = template.match(parts);
      if (params) return { fn, params };
    }
    return null;
  }

  private add(methods: string[], path: string, fn: AppFunction): void {
    try {
      const route = { fn, methods: new Set(methods.map((m) => m.toUpperCase())), template: routeTemplate(path) };
      for (const { template, methods: taken, fn: other } of this.routes) {
        const method = [...route.methods].find((m) => taken.has(m));
        if (method === undefined || template.shape !== route.template.shape) continue;
        throw new Error(`'${other.name}' answers ${method} there already`);
      }
      this.routes.push(route);
    } catch (error) {
      throw new Error(`Function '${fn.name}' cannot have the route '${path}': ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

/** Null when it is no valid path. A slash in a part stays encoded, as on the real host; one at the end is left out. */
function decodedParts(path: string): string[] | null {
  const text = path.replace(/^\//, '').replace(/\/$/, '');
  if (text === '') return [];
  if (!text.includes('%')) return text.split('/');
  try {
    return text.split('/').map((part) => decodeURIComponent(part.replace(/%2f/gi, (slash) => `%25${slash.slice(1)}`)));
  } catch {
    return null;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
