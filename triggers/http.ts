/**
 * What every HTTP route shares: bodies with a limit, errors as `application/problem+json` (RFC 9457), inputs parsed once
 * into domain types. Errors name place, value and expectation, never a phone or a person's words.
 */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { isInstant, MINUTE_MS } from '../domain/calendar';
import { parseInput, type Input, type InputType } from '../domain/input';
import { BadInput, quote, type Problem } from '../domain/problem';
import { ServiceError } from '../services/errors';

/** Larger bodies are 413 (formats.md, "HTTP"). */
export const BODY_BYTES_MAX = 50 * 1024 * 1024;
/** An `at` further from the host's now is a mistake of the sender. */
export const AT_OFF_MS_MAX = 5 * MINUTE_MS;

export function json(status: number, body: unknown): HttpResponseInit {
  return { status, jsonBody: body };
}

export function problem(status: number, title: string, problems: readonly Problem[] = []): HttpResponseInit {
  const body = { type: 'about:blank', title, status, ...(problems.length > 0 ? { errors: problems } : {}) };
  return { status, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify(body) };
}

/**
 * Runs a handler; `BadInput` becomes 400 with every problem, what nobody foresaw 500 without a word: of that only the
 * error's kind is logged, since its message may hold what came in.
 */
export async function answering(
  context: InvocationContext,
  handle: () => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof BadInput) return problem(400, error.what, error.problems);
    if (error instanceof TooLarge) return problem(413, error.message);
    const kind = error instanceof ServiceError ? `${error.name} ${error.code}` : (error as Error | undefined)?.name;
    context.error(`${context.functionName}: the request failed: ${kind ?? typeof error}`);
    return problem(500, 'the request failed');
  }
}

class TooLarge extends Error {}

export async function textOf(request: HttpRequest): Promise<string> {
  const tooLarge = () => new TooLarge(`the body is larger than ${BODY_BYTES_MAX} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  const text = await request.text();
  if (text.length > BODY_BYTES_MAX || (text.length > BODY_BYTES_MAX / 4 && Buffer.byteLength(text) > BODY_BYTES_MAX))
    throw tooLarge();
  return text;
}

export async function jsonOf(request: HttpRequest): Promise<unknown> {
  const text = await textOf(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInput('the body cannot be read', [
      { field: 'body', value: text === '' ? 'nothing' : `${text.length} characters`, expected: 'JSON' },
    ]);
  }
}

/**
 * One input or an array of them. `types`: those the route takes; the first is implied where there is only one. A missing
 * `at` is now.
 */
export function inputsOf<T extends InputType>(
  body: unknown,
  types: readonly T[],
  nowMs: number,
): Extract<Input, { type: T }>[] {
  const items = Array.isArray(body) ? body : [body];
  const inputs: Input[] = [];
  const problems: Problem[] = [];
  items.forEach((item: unknown, i) => {
    const place = Array.isArray(body) ? `[${i}]` : 'body';
    const told = completed(item, types, nowMs);
    const parsed = parseInput(told, place, types);
    const { at } = (told ?? {}) as { at?: unknown };
    if ('problems' in parsed) problems.push(...parsed.problems);
    else inputs.push(parsed.input);
    if (typeof at === 'string' && isInstant(at) && Math.abs(Date.parse(at) - nowMs) > AT_OFF_MS_MAX)
      problems.push({
        field: `${place}: at`,
        value: quote(at),
        expected: `an instant within 5 minutes of ${new Date(nowMs).toISOString()}`,
      });
  });
  if (problems.length > 0) throw new BadInput('the inputs are not valid', problems);
  return inputs as Extract<Input, { type: T }>[];
}

function completed(item: unknown, types: readonly string[], nowMs: number): unknown {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
  const implied = types.length === 1 ? { type: types[0] } : {};
  return { ...implied, at: new Date(nowMs).toISOString(), ...item };
}
