/**
 * What must agree when a run with faults is over, beyond the rules that the outputs are held to: the gateway's memory, the
 * ledger, the entities and the projections tell one story, every text left once, and nothing is still on its way.
 */
import type { RealmHost } from 'durable-emulator';
import type { Outreach } from '../../domain/outreach';
import { isBooked, type PatientState } from '../../domain/patient';
import { messagePk, type LedgerRow } from '../../services/rows';
import { allRows } from '../../services/tables';
import type { FaultyWorld } from './world';

const PAGE = 1_000;
/** A text that leaves within a minute of its order is recorded with the time of the order. */
const APART_MAX_MS = 60_000;

/** One line a disagreement; none when all agrees. */
export async function audit(realm: RealmHost, world: FaultyWorld, campaignId: string): Promise<string[]> {
  const problems: string[] = [];
  const { store } = world;
  const ledger = (await allRows(store.ledger, { pkPrefix: `${campaignId}|` })).map(({ value }) => value);
  const outreach = (await allRows(store.outreach, { pkPrefix: `${campaignId}|` })).map(({ value }) => value);
  const sent = ledger.filter((row) => row.status === 'SENT');
  for (const row of ledger)
    if (row.status === 'RESERVED' || row.status === 'UNKNOWN') problems.push(`${nameOf(row)} is left ${row.status}`);
  const left = world.simulated.left();
  for (const [id, times] of left)
    if (times.length > 1) problems.push(`message ${id} left the gateway ${times.length} times`);
  for (const row of sent) {
    const leftAtMs = left.get(row.messageId)?.[0];
    if (leftAtMs === undefined) problems.push(`${nameOf(row)} is SENT but never left`);
    else if (Math.abs(leftAtMs - row.sentAtMs!) > APART_MAX_MS)
      problems.push(`${nameOf(row)} left ${Math.round((leftAtMs - row.sentAtMs!) / 1000)} s from its sentAt`);
  }
  const known = new Set(sent.map((row) => row.messageId));
  for (const id of left.keys()) if (!known.has(id)) problems.push(`message ${id} left but is not SENT in the ledger`);
  for (const { rk } of await allRows(store.reservations, {})) problems.push(`reservation ${rk} is left behind`);
  for (const { queue, why } of world.faultyBus.dead) problems.push(`a message of ${queue} died: ${why}`);
  if (world.faultyBus.nextAt() !== undefined) problems.push('the bus still holds a message');
  problems.push(...(await entitiesAgree(realm, world, outreach, sent)));
  problems.push(...(await statusAgrees(realm, world, campaignId, outreach, ledger)));
  return problems;
}

async function entitiesAgree(
  realm: RealmHost,
  world: FaultyWorld,
  outreach: readonly Outreach[],
  sent: readonly LedgerRow[],
): Promise<string[]> {
  const problems: string[] = [];
  const entities = await statesOf(realm);
  const people = new Map((await allRows(world.store.people, {})).map(({ rk, value }) => [rk, value]));
  for (const row of sent) {
    if (row.phase === 'REPLY') continue;
    const grants = entities.get(row.patientId)?.grants ?? [];
    if (!grants.some(({ messageId }) => messageId === row.messageId))
      problems.push(`${nameOf(row)} was sent without a grant of its entity`);
  }
  for (const one of outreach) {
    const texts = sent.filter((row) => row.patientId === one.patientId && row.phase !== 'REPLY');
    const past = people.get(one.patientId)?.pastTexts.length ?? 0;
    if (one.texts.length !== texts.length + past)
      problems.push(`${one.patientId}: ${one.texts.length} texts known, ${texts.length} in the ledger`);
    const person = people.get(one.patientId);
    if (person && person.preference?.status !== one.preference?.status)
      problems.push(`${one.patientId}: preference ${one.preference?.status} here, ${person.preference?.status} there`);
    if (person && isBooked(person) !== one.booked) problems.push(`${one.patientId}: booked here and there differ`);
  }
  return problems;
}

/** The last custom status counts what is in the tables. */
async function statusAgrees(
  realm: RealmHost,
  world: FaultyWorld,
  campaignId: string,
  outreach: readonly Outreach[],
  ledger: readonly LedgerRow[],
): Promise<string[]> {
  const path = `/runtime/webhooks/durabletask/instances/${campaignId}?showInput=false`;
  const { customStatus } = JSON.parse((await realm.request({ method: 'GET', path })).body) as {
    customStatus: Readonly<Record<string, unknown>> & { readonly refused: Readonly<Record<string, number>> };
  };
  const texts = ledger.filter(({ phase, status }) => phase !== 'REPLY' && status !== 'REFUSED');
  const receipts = new Map<string, number>();
  for (const { messageId } of texts) {
    const receipt = (await world.store.messages.get(messagePk(messageId), messageId))?.receipt;
    if (receipt) receipts.set(receipt, (receipts.get(receipt) ?? 0) + 1);
  }
  const expected = {
    admitted: outreach.filter(({ wave }) => wave !== null).length,
    sent: texts.length,
    delivered: receipts.get('DELIVERED') ?? 0,
    undelivered: receipts.get('UNDELIVERED') ?? 0,
    optedOut: outreach.filter(({ preference }) => preference?.status === 'OPT_OUT').length,
    booked: outreach.filter(({ booked }) => booked).length,
    refusals: ledger.filter(({ status }) => status === 'REFUSED').length,
  };
  const refusals = Object.values(customStatus.refused).reduce((sum, n) => sum + n, 0);
  const told: Record<string, unknown> = { ...customStatus, refusals };
  return Object.entries(expected).flatMap(([name, n]) =>
    told[name] === n ? [] : [`the status says ${name} ${String(told[name])}, the tables ${n}`],
  );
}

async function statesOf(realm: RealmHost): Promise<Map<string, PatientState>> {
  const states = new Map<string, PatientState>();
  for (let token = ''; ;) {
    const response = await realm.request({
      method: 'GET',
      path: `/runtime/webhooks/durabletask/entities/patient?fetchState=true&top=${PAGE}`,
      headers: token === '' ? {} : { 'x-ms-continuation-token': token },
    });
    const page = JSON.parse(response.body) as { entityId: { key: string }; state: PatientState | null }[];
    for (const { entityId, state } of page) if (state) states.set(entityId.key, state);
    token = response.headers['x-ms-continuation-token'] ?? '';
    if (token === '' || page.length === 0) return states;
  }
}

function nameOf(row: LedgerRow): string {
  return `${row.patientId} ${row.phase} ${row.wave}/${row.touch}`;
}
