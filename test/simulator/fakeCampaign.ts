/**
 * A product reduced to what the world needs to be tried: it texts opted-in, unbooked patients on a fixed plan, answers
 * STOP and BOOK, and keeps every input. `texts` overrides whom it texts when. It is not the product and shares nothing
 * with it but the input types.
 */
import { parse } from 'csv-parse/sync';
import { addDays, instantOf } from '../../domain/calendar';
import type { Input } from '../../domain/input';
import { parseCampaign, type Campaign } from '../../domain/policy';
import { createRosterCsv } from '../../simulator/roster';
import { createWorld, type OutboundText, type World } from '../../simulator/world';

export const STARTS_ON = '2026-01-05';

export function campaignOf(over: Record<string, unknown> = {}): Campaign {
  return parseCampaign({ campaignId: 'test', startsOn: STARTS_ON, ...over });
}

export interface RosterRow {
  readonly patientId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly phone: string;
  readonly [column: string]: string;
}

export function rowsOf(csv: string): RosterRow[] {
  return parse(csv, { columns: true }) as RosterRow[];
}

export interface Planned {
  readonly patientId: string;
  readonly kind: OutboundText['kind'];
  readonly atMs: number;
}

export interface Run {
  readonly campaign: Campaign;
  readonly rows: readonly RosterRow[];
  readonly world: World;
  readonly batches: readonly { readonly atMs: number; readonly inputs: readonly Input[] }[];
  readonly inputs: readonly Input[];
  readonly texts: readonly OutboundText[];
}

/** Touches 0, 3 and 7 days after admission, a fifth of the patients a week, then two more after the fifth week. */
export function usualPlan(rows: readonly RosterRow[], campaign: Campaign): Planned[] {
  const at = (date: string, i: number) => instantOf(date, 11 * 60 + (i % 7) * 30, campaign.timeZone);
  return rows.flatMap(({ patientId }, i) => {
    const day = Math.floor(((i * 7919) % rows.length) * (25 / rows.length));
    const admitted = addDays(campaign.startsOn, 7 * Math.floor(day / 5) + (day % 5));
    return [0, 3, 7, 36, 43].map((days, touch) => ({
      patientId,
      kind: touch === 0 ? ('INVITE' as const) : touch < 3 ? ('FOLLOW_UP' as const) : ('ADAPTIVE' as const),
      atMs: at(touch < 3 ? addDays(admitted, days) : addDays(campaign.startsOn, days + (day % 5)), i),
    }));
  });
}

export function runOf(options: {
  patients: number;
  seed: number;
  plan?: typeof usualPlan;
  over?: Record<string, unknown>;
}): Run {
  const campaign = campaignOf(options.over);
  const rosterCsv = createRosterCsv({ patients: options.patients, seed: options.seed, startsOn: campaign.startsOn });
  const rows = rowsOf(rosterCsv);
  const world = createWorld({ campaign, rosterCsv, seed: options.seed });
  const plan = [...(options.plan ?? usualPlan)(rows, campaign)].sort((a, b) => a.atMs - b.atMs);
  const phones = new Map(rows.map((row) => [row.patientId, row.phone]));
  const texts: OutboundText[] = [];
  const send = ({ patientId, kind, atMs }: Planned) => {
    const text = {
      messageId: texts.length.toString(16).padStart(32, '0'),
      patientId,
      kind,
      to: phones.get(patientId)!,
      body: 'x',
      sentAtMs: atMs,
    };
    texts.push(text);
    world.onText(text);
  };
  const batches = drive(world, plan, send, rows);
  return { campaign, rows, world, batches, inputs: batches.flatMap((batch) => batch.inputs), texts };
}

function drive(world: World, plan: readonly Planned[], send: (planned: Planned) => void, rows: readonly RosterRow[]) {
  const batches: { atMs: number; inputs: Input[] }[] = [];
  const known = knowledge(world, rows);
  let next = 0;
  for (;;) {
    const at = world.nextAt();
    const due = plan[next];
    if (due && (at === undefined || due.atMs < at)) {
      next += 1;
      if (known.mayText(due.patientId)) send(due);
      continue;
    }
    if (at === undefined) return batches;
    const inputs = world.take(at);
    batches.push({ atMs: at, inputs });
    for (const answer of known.learn(inputs)) send({ ...answer, atMs: at });
  }
}

/** Who is opted in and unbooked, as the inputs tell it. */
function knowledge(world: World, rows: readonly RosterRow[]) {
  const optedIn = new Set<string>();
  const booked = new Set<string>();
  const stopped = new Set<string>();
  const byPhone = new Map(rows.map((row) => [row.phone, row.patientId]));
  const phones = new Map(rows.map((row) => [row.patientId, row.phone]));
  const answerTo = (input: Extract<Input, { type: 'sms.reply' }>): Omit<Planned, 'atMs'>[] => {
    const patientId = byPhone.get(input.from)!;
    if (/stop|unsub|quit|end|opt-out|cancel|alto|parar|baja/i.test(input.text) && !/unstop/i.test(input.text)) {
      const again = stopped.has(input.from);
      stopped.add(input.from);
      return again ? [] : [{ patientId, kind: 'STOP_CONFIRM' }];
    }
    if (/start|unstop/i.test(input.text)) stopped.delete(input.from);
    return /^(book|yes|1)/i.test(input.text) ? [{ patientId, kind: 'BOOKING_OFFER' }] : [];
  };
  return {
    mayText: (patientId: string) =>
      optedIn.has(patientId) && !booked.has(patientId) && !stopped.has(phones.get(patientId)!),
    learn: (inputs: readonly Input[]) =>
      inputs.flatMap((input): Omit<Planned, 'atMs'>[] => {
        if (input.type === 'appointment.booked') booked.add(input.patientId);
        if (input.type === 'appointment.cancelled' || input.type === 'appointment.missed')
          booked.delete(input.patientId);
        if (input.type === 'preferences.file')
          for (const line of world.preferencesFile(input.file).split('\n')) {
            const [id, , action] = line.split(',');
            if (action === 'OPT_IN') optedIn.add(id!);
            if (action === 'OPT_OUT') optedIn.delete(id!);
          }
        return input.type === 'sms.reply' ? answerTo(input) : [];
      }),
  };
}
