/**
 * What `start` writes: log lines as Core Tools prints them, or one JSON object a line; the list of functions; when it is
 * ready. Errors go to the same stream as everything else, in order.
 */
import type { FunctionSummary, Host, LogLine } from '../types';

export interface Printer {
  line(line: LogLine): void;
  ready(host: Host, functions: readonly FunctionSummary[], notes: readonly string[]): void;
  stopped(): void;
  failed(error: Error): void;
}

const write = (text: string): void => void process.stdout.write(`${text}\n`);

export function textPrinter(isQuiet: boolean): Printer {
  const say = (text: string): void => {
    if (!isQuiet) write(text);
  };
  return {
    line: (l) => write(`[${l.at ?? new Date().toISOString()}] ${l.message}`),
    ready(host, functions, notes) {
      say('\nFunctions:\n');
      for (const f of functions) say(`\t${describe(f, host)}\n`);
      for (const note of notes) say(note);
      say(`The page is at ${local(host)}/runtime/ui`);
      // told even when quiet: whoever starts the host waits for it
      write(`Ready on ${local(host)}. Press Ctrl+C to stop.`);
    },
    stopped: () => say('Stopped.'),
    failed: (error) => void process.stderr.write(`${error.message}\n`),
  };
}

export function jsonPrinter(isQuiet: boolean): Printer {
  const event = (event: string, members: object): void => write(JSON.stringify({ event, ...members }));
  return {
    line: (l) => event('log', l),
    ready: (host, functions, notes) =>
      event('ready', {
        url: local(host),
        port: host.port,
        pid: process.pid,
        functions: functions.map((f) => (f.path === undefined ? f : { ...f, url: local(host) + f.path })),
        notes,
      }),
    stopped: () => (isQuiet ? undefined : event('stopped', {})),
    failed: (error) => event('failed', { message: error.message }),
  };
}

const local = (host: Host): string => `http://localhost:${host.port}`;

function describe(f: FunctionSummary, host: Host): string {
  const disabled = f.isDisabled ? ' (disabled)' : '';
  if (f.path === undefined) return `${f.name}: ${f.type}${disabled}`;
  return `${f.name}: [${(f.methods ?? []).join(',')}] ${local(host)}${f.path}${disabled}`;
}
