/**
 * /admin routes: the clock, host status, ping and the list of functions. They never hold the clock.
 * Source: issue 4 items 0 and 4; admin/host/status as the real host has it.
 */
import type { Engine } from '../loop/engine';
import type { FunctionTable } from '../realm/functionTable';
import { type HttpAnswer, type HttpMessage, bodyText, emptyAnswer, jsonAnswer } from './message';
import type { Routes } from './routes';

export interface AdminHost {
  engine: Engine;
  functions: FunctionTable;
  routes: Routes;
  origin: string;
}

export async function admin(host: AdminHost, m: HttpMessage, path: string): Promise<HttpAnswer> {
  switch (path.replace(/\/$/, '')) {
    case '/admin/clock':
      return clock(host.engine, m);
    case '/admin/host/status':
      return jsonAnswer(200, {
        id: 'emulator',
        state: 'Running',
        version: '4.1037.0',
        processUptime: Math.round(process.uptime() * 1000),
      });
    case '/admin/host/ping':
      return { status: 200, headers: {}, body: '' };
    case '/admin/functions':
      return jsonAnswer(200, describe(host));
    default:
      return emptyAnswer(404);
  }
}

function describe(host: AdminHost): unknown[] {
  return host.functions.all.map((fn) => {
    const route = host.routes.described.find((r) => r.name === fn.name);
    return {
      name: fn.name,
      type: fn.trigger.type,
      config: { bindings: Object.values(fn.metadata.bindings) },
      ...(route ? { invoke_url_template: host.origin + route.path, methods: route.methods } : {}),
    };
  });
}

async function clock(engine: Engine, m: HttpMessage): Promise<HttpAnswer> {
  if (m.method !== 'POST') return m.method === 'GET' ? reading(engine) : emptyAnswer(405);
  try {
    await change(engine, JSON.parse(bodyText(m)) as Record<string, unknown>);
    return reading(engine);
  } catch (error) {
    return jsonAnswer(400, { Message: (error as Error).message, expected: EXPECTED });
  }
}

const EXPECTED =
  '{"advanceBy": ms} or {"advanceTo": ISO text} or {"runUntilIdle": true} or {"mode": "auto" | "manual"}';

async function change(engine: Engine, body: Record<string, unknown>): Promise<void> {
  if (body.mode === 'auto' || body.mode === 'manual') engine.setMode(body.mode);
  else if (typeof body.advanceBy === 'number' && body.advanceBy >= 0)
    await engine.advanceTo(engine.now() + body.advanceBy);
  else if (typeof body.advanceTo === 'string' && !Number.isNaN(Date.parse(body.advanceTo))) {
    await engine.advanceTo(Date.parse(body.advanceTo));
  } else if (body.runUntilIdle === true) await engine.idle();
  else throw new Error(`The body is ${JSON.stringify(body)}, which asks for nothing that the clock can do.`);
}

const reading = (engine: Engine): HttpAnswer =>
  jsonAnswer(200, { now: new Date(engine.now()).toISOString(), mode: engine.options.clock.mode });
