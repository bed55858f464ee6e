/**
 * What history and export share: reaching a running host, and messages for a person when that fails. Leaves out what is
 * asked (history, export).
 */

export const DEFAULT_URL = 'http://localhost:7071';

/** Exit codes of the sub-commands: as asked; what was asked for differs or is not there; bad usage or bad input. */
export const EXIT = { ok: 0, differs: 1, bad: 2 } as const;

/** Ends the command with a message on standard error. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.bad,
  ) {
    super(message);
  }
}

export interface RemoteOptions {
  url: string;
  code?: string;
}

/** GET of JSON. Throws CommandError that says what was asked of whom. */
export async function getJson(options: RemoteOptions, path: string): Promise<{ status: number; body: unknown }> {
  const base = options.url.replace(/\/+$/, '');
  if (!/^https?:\/\//.test(base)) throw new CommandError(`--url is '${options.url}'; expected http://HOST:PORT.`);
  let response: Response;
  let text: string;
  try {
    response = await fetch(base + path, options.code ? { headers: { 'x-functions-key': options.code } } : {});
    text = await response.text();
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
    throw new CommandError(`No host answers at ${base} (${cause}). Start one, or give its address with --url.`);
  }
  if (response.status === 401) throw new CommandError(`${base} asks for a key. Give it with --code KEY.`);
  return { status: response.status, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Runs a sub-command's body; messages go to standard error, the exit code is set. */
export async function guarded(work: () => Promise<number | void>): Promise<void> {
  try {
    process.exitCode = (await work()) ?? EXIT.ok;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = error instanceof CommandError ? error.exitCode : EXIT.bad;
  }
}
