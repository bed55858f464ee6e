/**
 * Which log lines host.json lets through: the longest category prefix in logging.logLevel decides, `default` the rest.
 * Categories are the real host's: Function.<name> for its own lines about a function, Function.<name>.User for what the
 * function logs, Host.* for the host. Source: Azure Functions "Configure monitoring", categories and log levels.
 */
import type { LogLine } from '../types';

export const LEVELS = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'] as const;
type Level = (typeof LEVELS)[number];
export type LogLevels = Record<string, Level>;

const rank = (level: string): number => LEVELS.indexOf(level as Level);

export class LogFilter {
  private readonly cache = new Map<string, number>();

  /** `floor`: nothing below it, whatever host.json says. */
  constructor(
    private readonly levels: LogLevels,
    private readonly floor: Level = 'trace',
  ) {}

  passes(line: LogLine): boolean {
    const level = rank(line.level);
    return level >= rank(this.floor) && level >= this.minimum(sourceOf(line));
  }

  private minimum(source: string): number {
    let minimum = this.cache.get(source);
    if (minimum === undefined) {
      minimum = this.lookUp(source);
      this.cache.set(source, minimum);
    }
    return minimum;
  }

  private lookUp(source: string): number {
    let best = '';
    for (const prefix of Object.keys(this.levels)) {
      const fits = source === prefix || source.startsWith(`${prefix}.`) || source.startsWith(prefix);
      if (prefix !== 'default' && fits && prefix.length > best.length) best = prefix;
    }
    return rank((best === '' ? this.levels.default : this.levels[best]) ?? 'information');
  }
}

/** The real host's category of a line. */
export function sourceOf(line: LogLine): string {
  if (line.source !== undefined) return line.source;
  if (line.functionName === undefined) return line.category === 'user' ? 'Function' : 'Host.General';
  return line.category === 'user' ? `Function.${line.functionName}.User` : `Function.${line.functionName}`;
}
