/** Loads the outside module into the realm and gives it its handle. Source: README, "The outside world". */
import path from 'node:path';
import { handlePublic, type GatewayHost } from '../http/gateway';
import type { Engine } from '../loop/engine';
import { answered } from './durable';
import type { Outside, OutsideModule, RealmHost, RealmRequest, RealmResponse } from '../types';

/** Throws when the module does not export createOutside. */
export async function loadOutside(
  options: { module: string; options: unknown },
  engine: Engine,
  gateway: GatewayHost,
  post: (message: unknown) => void,
): Promise<Outside> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const module = require(path.resolve(options.module)) as Partial<OutsideModule>;
  if (typeof module.createOutside !== 'function') {
    throw new Error(`The outside module ${options.module} exports no function createOutside.`);
  }
  const realm: RealmHost = {
    now: () => engine.now(),
    request: (r) => engine.whileHeld(() => answered(engine, () => realmRequest(gateway, r), false)),
    stats: () => ({ ...engine.stats, traps: [...engine.stats.traps] }),
    post,
  };
  return module.createOutside(realm, options.options);
}

async function realmRequest(gateway: GatewayHost, r: RealmRequest): Promise<RealmResponse> {
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(r.headers ?? {})) headers[key.toLowerCase()] = value;
  const answer = await handlePublic(gateway, { method: r.method, target: r.path, headers, body: r.body ?? null });
  const flat: Record<string, string> = {};
  for (const [key, value] of Object.entries(answer.headers))
    flat[key] = Array.isArray(value) ? value.join(', ') : value;
  return { status: answer.status, headers: flat, body: await bodyOf(answer) };
}

async function bodyOf(answer: { body: string | Buffer; stream?: AsyncIterable<Buffer> }): Promise<string> {
  if (!answer.stream) return typeof answer.body === 'string' ? answer.body : answer.body.toString('utf8');
  const chunks: Buffer[] = [];
  for await (const chunk of answer.stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
