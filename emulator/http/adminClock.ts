/** /admin/clock: reading and moving the host's clock. Source: issue 4 item 4. */
import type { Engine } from '../loop/engine';
import { durationMs } from '../realm/durations';
import { type HttpAnswer, type HttpMessage, bodyText, emptyAnswer, jsonAnswer } from './message';

const EXPECTED =
  '{"advanceBy": ms or "7d" or "PT1H"} or {"advanceTo": ISO text} or {"runUntilIdle": true} or {"mode": "auto" | "manual"}';

export async function adminClock(engine: Engine, m: HttpMessage): Promise<HttpAnswer> {
  if (m.method !== 'POST') return m.method === 'GET' ? reading(engine) : emptyAnswer(405);
  try {
    const body = JSON.parse(bodyText(m)) as unknown;
    if (typeof body !== 'object' || body === null) throw new Error(`The body is ${JSON.stringify(body)}.`);
    await change(engine, body as Record<string, unknown>);
    return reading(engine);
  } catch (error) {
    return jsonAnswer(400, { Message: (error as Error).message, expected: EXPECTED });
  }
}

async function change(engine: Engine, body: Record<string, unknown>): Promise<void> {
  const { mode, advanceBy, advanceTo } = body;
  if (mode === 'auto' || mode === 'manual') engine.setMode(mode);
  else if (typeof advanceBy === 'number' || typeof advanceBy === 'string')
    await engine.advanceTo(engine.now() + durationMs(advanceBy));
  else if (typeof advanceTo === 'string' && !Number.isNaN(Date.parse(advanceTo)))
    await engine.advanceTo(Date.parse(advanceTo));
  else if (body.runUntilIdle === true) await engine.idle();
  else throw new Error(`The body is ${JSON.stringify(body)}, which asks for nothing that the clock can do.`);
}

const reading = (engine: Engine): HttpAnswer =>
  jsonAnswer(200, { now: new Date(engine.now()).toISOString(), mode: engine.options.clock.mode });
