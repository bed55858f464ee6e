/**
 * Plays everything outside the product in the host's realm, at the right instants: a seeded world that answers the texts
 * that leave, or a recording and nothing else. Both speak to the product only through its HTTP routes; inputs of one
 * instant go as arrays in their order, so that a replay of what was recorded is the same run.
 */
import type { Outside, RealmHost } from 'durable-emulator';
import { isoInZone, localDate, SECOND_MS } from '../domain/calendar';
import type { Input } from '../domain/input';
import type { Campaign } from '../domain/policy';
import { endsAtMs } from '../domain/schedule';
import { sharedWorld, type World as Product } from '../services/world';
import type { InitialFact } from '../services/recording';
import { seedInitial } from './seedInitial';
import { createWorld, type World } from './world';

export type OutsideOptions =
  | { readonly mode: 'simulate'; readonly campaign: Campaign }
  | {
      readonly mode: 'replay';
      readonly campaign: Campaign;
      readonly inputs: readonly Input[];
      readonly files: Readonly<Record<string, string>>;
      readonly initial: readonly InitialFact[];
      /** Of a run that goes on after its host was killed: inputs before this instant were taken. */
      readonly fromMs?: number;
    }
  | { readonly mode: 'none' };

/** Where inputs come from. */
export interface Source {
  nextAt(): number | undefined;
  /** Removes and returns what is due at or before `atMs`, in order. */
  take(atMs: number): readonly Input[];
  file(name: string): string;
}

const NOTHING: Source = { nextAt: () => undefined, take: () => [], file: () => '' };

/** What `host.call('harvest')` gives. */
export interface Harvest {
  readonly outputs: Readonly<Record<string, string>>;
  readonly inputs: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * `options` may also come later, by `host.call('play', options)`: the host can then come up before they are known.
 * `besides`: what else comes in.
 */
export function createOutside(
  realm: RealmHost,
  options: OutsideOptions = { mode: 'none' },
  besides: Source = NOTHING,
): Outside {
  const services = sharedWorld();
  let part = options;
  let source = sourceOf(part);
  const taken: string[] = [];
  const files: Record<string, string> = {};
  let cancelled = false;
  return {
    nextAt() {
      const at = cancelled || part.mode === 'none' ? undefined : earliest(source.nextAt(), besides.nextAt());
      // An input at the very end still counts before the end; later ones are ignored (formats.md).
      return at !== undefined && part.mode !== 'none' && at <= endsAtMs(part.campaign) ? at : undefined;
    },
    async run(atMs) {
      const inputs = [...source.take(atMs), ...besides.take(atMs)].map((input) => asItArrives(input, realm.now()));
      for (const input of inputs) {
        taken.push(`${JSON.stringify(input)}\n`);
        if (input.type === 'preferences.file') files[input.file] = source.file(input.file);
        if (input.type === 'control.cancel') cancelled = true;
      }
      for (const run of runsOf(inputs)) await post(realm, campaignIdOf(part), run, source);
    },
    async call(name, payload) {
      switch (name) {
        case 'play':
          part = payload as OutsideOptions;
          source = sourceOf(part);
          return undefined;
        case 'begin':
          if (part.mode === 'simulate') source = simulated(part.campaign, payload as string);
          if (part.mode === 'replay')
            await seedInitial(services, part.initial, (id, at, zone) => remember(realm, id, at, zone));
          return undefined;
        case 'harvest':
          return harvest(services, campaignIdOf(part), taken.join(''), files);
        default:
          throw new Error(`outside: unknown call ${name}`);
      }
    },
  };
}

/** What waited for a host whose clock jumped tells of the moment at which it gets through. */
function asItArrives(input: Input, nowMs: number): Input {
  return Date.parse(input.at) + SECOND_MS > nowMs ? input : { ...input, at: isoInZone(nowMs, 'UTC') };
}

function campaignIdOf(part: OutsideOptions): string {
  return part.mode === 'none' ? '' : part.campaign.campaignId;
}

/** A simulated world begins with its roster, when the campaign's is taken. */
function sourceOf(options: OutsideOptions): Source {
  return options.mode === 'replay' ? recorded(options.inputs, options.files, options.fromMs ?? -Infinity) : NOTHING;
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function simulated(campaign: Campaign, rosterCsv: string): Source {
  const world: World = createWorld({ campaign, rosterCsv, seed: campaign.seed });
  sharedWorld().simulated.subscribe((text) => world.onText(text));
  return {
    nextAt: () => world.nextAt(),
    take: (atMs) => world.take(atMs),
    file: (name) => world.preferencesFile(name),
  };
}

function recorded(inputs: readonly Input[], files: Readonly<Record<string, string>>, fromMs: number): Source {
  let next = inputs.findIndex(({ at }) => Date.parse(at) >= fromMs);
  if (next < 0) next = inputs.length;
  return {
    nextAt: () => (next < inputs.length ? Date.parse(inputs[next]!.at) : undefined),
    take(atMs) {
      const from = next;
      while (next < inputs.length && Date.parse(inputs[next]!.at) <= atMs) next += 1;
      return inputs.slice(from, next);
    },
    file: (name) => files[name] ?? '',
  };
}

type Route = 'replies' | 'receipts' | 'intervals' | 'appointments' | 'one';

function routeOf(input: Input): Route {
  if (input.type.startsWith('appointment.')) return 'appointments';
  if (input.type === 'sms.reply') return 'replies';
  if (input.type === 'sms.receipt') return 'receipts';
  return input.type === 'call.interval' ? 'intervals' : 'one';
}

/** Neighbours for the same route go together. */
function runsOf(inputs: readonly Input[]): Input[][] {
  const runs: Input[][] = [];
  for (const input of inputs) {
    const last = runs.at(-1);
    if (last && routeOf(input) !== 'one' && routeOf(last[0]!) === routeOf(input)) last.push(input);
    else runs.push([input]);
  }
  return runs;
}

const PATHS: Record<Exclude<Route, 'one'>, string> = {
  replies: '/api/sms/replies',
  receipts: '/api/sms/receipts',
  intervals: '/api/calls/intervals',
  appointments: '/api/appointments/events',
};

async function post(realm: RealmHost, campaignId: string, inputs: readonly Input[], source: Source): Promise<void> {
  const { method, path, body, accepted } = requestOf(campaignId, inputs, source);
  const response = await realm.request({
    method,
    path,
    body,
    headers: { 'content-type': path.startsWith('/api/preferences/') ? 'text/csv' : 'application/json' },
  });
  if (!accepted.includes(response.status))
    throw new Error(
      `${method} ${path} answered ${response.status} at ${new Date(realm.now()).toISOString()}: ${response.body.slice(0, 500)}`,
    );
}

function requestOf(campaignId: string, inputs: readonly Input[], source: Source) {
  const input = inputs[0]!;
  const route = routeOf(input);
  if (route !== 'one') return { method: 'POST', path: PATHS[route], body: JSON.stringify(inputs), accepted: [202] };
  switch (input.type) {
    case 'preferences.file': {
      const date = input.file.slice('preferences-'.length, 'preferences-YYYY-MM-DD'.length);
      // 400: a file refused whole is an ordinary event of the day.
      return {
        method: 'PUT',
        path: `/api/preferences/${date}?file=${input.file}`,
        body: source.file(input.file),
        accepted: [200, 400],
      };
    }
    case 'control.policy':
      return {
        method: 'PATCH',
        path: `/api/campaigns/${campaignId}/policy`,
        body: JSON.stringify({ by: input.by, policy: input.policy }),
        accepted: [202, 409],
      };
    case 'control.pause':
    case 'control.resume':
    case 'control.cancel':
      return {
        method: 'POST',
        path: `/api/campaigns/${campaignId}/${input.type.slice('control.'.length)}`,
        body: JSON.stringify({ by: input.by }),
        accepted: [202, 409],
      };
    default:
      throw new Error(`no route for an input of type ${input.type}`);
  }
}

/** The entity counts a past text in its caps, by the patient's own date. */
async function remember(realm: RealmHost, patientId: string, atMs: number, timeZone: string): Promise<void> {
  const grant = { messageId: `initial-${patientId}-${atMs}`, atMs, date: localDate(atMs, timeZone) };
  await realm.request({
    method: 'POST',
    path: `/runtime/webhooks/durabletask/entities/patient/${patientId}?op=remember`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(grant),
  });
}

async function harvest(
  services: Product,
  campaignId: string,
  inputs: string,
  files: Record<string, string>,
): Promise<Harvest> {
  const prefix = `outputs/${campaignId}/`;
  const outputs: Record<string, string> = {};
  for (const name of await services.blobs.list(prefix))
    outputs[name.slice(prefix.length)] = (await services.blobs.get(name)) ?? '';
  return { outputs, inputs, files };
}
