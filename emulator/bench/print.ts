/** What the benchmarks print: Markdown, so that a run can be kept as it came. */
import os from 'node:os';

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** The head of a table. */
export function head(...titles: string[]): void {
  row(...titles);
  row(...titles.map(() => '---'));
}

export function row(...cells: string[]): void {
  say(`| ${cells.join(' | ')} |`);
}

/** `value` and whether it meets the goal. */
export function verdict(value: string, met: boolean, goal: string): string {
  return `${value} (goal ${goal}${met ? '' : ', missed'})`;
}

export const seconds = (value: number): string => `${value.toFixed(value < 1 ? 3 : 2)} s`;
export const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)}×`;

/** The machine and how busy it is: a figure without it says little. */
export function machine(nodeVersion: string): string {
  const [cpu] = os.cpus();
  const load = os.loadavg().map((n) => n.toFixed(1));
  const memory = (os.totalmem() / 2 ** 30).toFixed(0);
  const cores = os.availableParallelism();
  return `${new Date().toISOString()}, ${cores} cores (${cpu?.model ?? 'unknown'}), ${memory} GB, Node ${nodeVersion}, load ${load.join(' ')}`;
}
