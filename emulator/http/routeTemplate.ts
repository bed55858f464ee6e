/**
 * One route template, such as `orders/{id:int}/{part?}`, and whether a path matches it: literals without case, parameters
 * with constraints, several in a part (`{name}.{ending}`), optional ones and defaults (`{page=1}`) at the end, a catch-all
 * (`{*rest}`). Braces are doubled inside of `regex(...)`. Source: ASP.NET Core route templates.
 */
import { constraintsOf, type Fits } from './routeConstraints';

export interface RouteTemplate {
  /** what goes first when several templates match: parts compared in order, lower before higher */
  precedence: readonly number[];
  /** templates of the same shape match the same paths */
  shape: string;
  /** The parameters of a path split into parts that are decoded, or null when it does not match. */
  match(parts: readonly string[]): Record<string, string> | null;
}

interface Parameter {
  name: string;
  fits: readonly Fits[];
  isOptional: boolean;
  fallback: string | undefined;
}

interface Part {
  /** groups are the parameters; a catch-all has none */
  pattern: RegExp;
  parameters: readonly Parameter[];
  isCatchAll: boolean;
  precedence: number;
}

/** Braces of a regex constraint, which a template doubles, while the template is read. */
const OPEN = '\u0001';
const CLOSE = '\u0002';
/** Brackets of a constraint, to three levels, with anything in them. */
const BRACKETS = ['\\([^()]*\\)', '\\((?:[^()]|#)*\\)', '\\((?:[^()]|#)*\\)'].reduce((inner, outer) =>
  outer.replace('#', inner),
);
/** `{**name:constraints=default?}` */
const PARAMETER = new RegExp(`\\{(\\*{0,2})(\\w+)(?::((?:[^{}=?()]|${BRACKETS})+))?(?:=([^{}]*?))?(\\?)?\\}`, 'g');

/** Throws for a constraint that is not known and for braces that belong to no parameter. */
export function routeTemplate(path: string): RouteTemplate {
  const text = path.replaceAll('{{', OPEN).replace(/\}\}(?!$|\/)/g, CLOSE);
  const parts = splitParts(text).map(readPart);
  return {
    precedence: parts.map((p) => p.precedence),
    shape: text.replace(PARAMETER, (_, stars: string, __, rules = '') => `{${stars}:${rules}}`).toLowerCase(),
    match: (values) => match(parts, values),
  };
}

/** At slashes outside of braces. */
function splitParts(text: string): string[] {
  return (text.match(/(?:\{(?:[^{}]|\{[^{}]*\})*\}|[^/])+/g) ?? []).filter((p) => p !== '');
}

function readPart(text: string): Part {
  const parameters: Parameter[] = [];
  let pattern = '';
  let end = 0;
  let isCatchAll = false;
  for (const found of text.matchAll(PARAMETER)) {
    const [all, stars, name, rules, fallback, mark] = found;
    const literal = text.slice(end, found.index);
    end = found.index + all.length;
    isCatchAll ||= stars !== '';
    pattern += `${escapedLiteral(literal)}(.+)`;
    const fits = constraintsOf((rules ?? '').replaceAll(OPEN, '{').replaceAll(CLOSE, '}'));
    parameters.push({ name: name as string, fits, isOptional: mark !== undefined, fallback });
  }
  const rest = text.slice(end);
  const precedence = precedenceOf(parameters, isCatchAll, pattern + rest === '(.+)');
  return { pattern: new RegExp(`^${pattern}${escapedLiteral(rest)}$`, 'is'), parameters, isCatchAll, precedence };
}

/** Literals, then constrained or mixed parts, then free ones, then catch-alls. */
function precedenceOf(parameters: readonly Parameter[], isCatchAll: boolean, isAlone: boolean): number {
  if (parameters.length === 0) return 1;
  const isFree = isAlone && parameters.every((p) => p.fits.length === 0);
  if (isCatchAll) return isFree ? 5 : 4;
  return isFree ? 3 : 2;
}

function match(parts: readonly Part[], values: readonly string[]): Record<string, string> | null {
  const result: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const value = part.isCatchAll ? values.slice(i).join('/') : values[i];
    if (value === undefined || value === '') {
      if (!takesNothing(part, result)) return null;
      continue;
    }
    const found = part.isCatchAll ? [value, value] : part.pattern.exec(value);
    if (!found) return null;
    for (const [k, { name, fits }] of part.parameters.entries()) {
      const text = found[k + 1] as string;
      if (!fits.every((fit) => fit(text))) return null;
      result[name] = text;
    }
  }
  const last = parts[parts.length - 1];
  return values.length > parts.length && !last?.isCatchAll ? null : result;
}

/** A part of the template that the path has no part for: its default, if it has one. */
function takesNothing(part: Part, result: Record<string, string>): boolean {
  const [parameter] = part.parameters;
  if (!parameter) return false;
  if (parameter.fallback !== undefined) result[parameter.name] = parameter.fallback;
  return parameter.fallback !== undefined || parameter.isOptional || part.isCatchAll;
}

function escapedLiteral(text: string): string {
  if (/[{}]/.test(text)) throw new Error(`'${text}' has a brace that belongs to no parameter`);
  return text
    .replaceAll(OPEN, '{')
    .replaceAll(CLOSE, '}')
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
