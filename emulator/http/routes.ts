/**
 * Which HTTP function answers a request: routes of the app under host.json's routePrefix, matched without case.
 * Route templates: `{name}`, `{name?}` (last parts), `{*rest}`, and the constraints of routeConstraints.
 * Source: contract A (http), ASP.NET route templates.
 */
import findMyWay, { type HTTPMethod } from 'find-my-way';
import type { AppFunction } from '../realm/functionTable';
import { TOKEN, checksOf, patternOf, type Check } from './routeConstraints';

export interface RouteMatch {
  fn: AppFunction;
  params: Record<string, string>;
}

/** The router's own limit of 100 would cut off long ids; node:http takes no longer request line than this. */
const PARAM_CHARS_MAX = 16_384;

export class Routes {
  private readonly router = findMyWay({
    caseSensitive: false,
    ignoreTrailingSlash: true,
    maxParamLength: PARAM_CHARS_MAX,
  });
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
  }

  find(method: string, path: string): RouteMatch | null {
    const found = this.router.find(method as HTTPMethod, path);
    if (!found) return null;
    const store = found.store as Stored;
    const params: Record<string, string> = {};
    for (const [key, value] of Object.entries(found.params)) {
      if (value !== undefined) params[key === '*' && store.rest !== null ? store.rest : key] = value;
    }
    for (const { name, fits } of store.checks) if (params[name] !== undefined && !fits(params[name])) return null;
    return { fn: store.fn, params };
  }

  private add(methods: string[], path: string, fn: AppFunction): void {
    const upper = methods.map((m) => m.toUpperCase() as HTTPMethod);
    try {
      const checks = checksOf(path);
      for (const { path: variant, rest } of variants(path)) {
        this.router.on(upper, variant, () => undefined, { fn, rest, checks } satisfies Stored);
      }
    } catch (error) {
      throw new Error(`Function '${fn.name}' cannot have the route '${path}': ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

interface Stored {
  fn: AppFunction;
  rest: string | null;
  checks: Check[];
}

/** find-my-way paths for a template; optional last parts and a catch-all give several. */
function variants(path: string): { path: string; rest: string | null }[] {
  const parts = path.split('/').filter((p) => p !== '');
  const last = parts[parts.length - 1] ?? '';
  const rest = /^\{\*+(\w+)\}$/.exec(last);
  if (rest) {
    const head = convert(parts.slice(0, -1));
    const all = { path: head === '/' ? '/*' : `${head}/*`, rest: rest[1] as string };
    return head === '/' ? [all] : [{ path: head, rest: null }, all];
  }
  if (!/^\{\w+(?::[^}]*)?\?\}$/.test(last)) return [{ path: convert(parts), rest: null }];
  const required = last.replace('?}', '}');
  const shorter = variants(parts.slice(0, -1).join('/'));
  return [
    ...shorter,
    { path: convert([...parts.slice(0, -1).map((p) => p.replace('?}', '}')), required]), rest: null },
  ];
}

function convert(parts: readonly string[]): string {
  if (parts.length === 0) return '/';
  return parts.map((p) => '/' + p.replace(TOKEN, (_, name: string, rules?: string) => param(name, rules))).join('');
}

function param(name: string, rules: string | undefined): string {
  const pattern = rules === undefined ? null : patternOf(rules);
  return pattern === null ? `:${name}` : `:${name}(${pattern})`;
}
