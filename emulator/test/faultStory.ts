/**
 * A story for hosts that fail: orchestrations of every kind, told over HTTP so that a host which comes back can go on with
 * it. Its outcome must be the same whatever was killed, doubled, delayed or reordered on the way.
 */
import { MANAGEMENT } from './support';

export interface Teller {
  /** Sends until somebody answers; `body` is JSON text. */
  send(method: string, target: string, body?: string): Promise<{ status: number; json: unknown }>;
  /** Lets everything due now be done. */
  settle(): Promise<void>;
  /** Moves the clock on, in ms. */
  pass(ms: number): Promise<void>;
}

/** Whether an instance of that id exists already is not asked: a start may have been stored before its answer was lost. */
const STARTED = [202, 409];

const STARTS: [name: string, input: unknown][] = [
  ['chain', null],
  ['fanOut', 12],
  ['parent', null],
  ['uneven', null],
  ['failCaught', null],
  ['fail', null],
  ['parentOfFailing', null],
  ['retryExhausted', null],
  ['retrySub', null],
  ['eternal', { n: 0 }],
  ['sleep', { ms: 9 * 86_400_000 }],
  ['waitOne', null],
  ['statusThenWait', null],
  ['parentOfWaiting', null],
  ['race', { ms: 60_000 }],
];

/** Tells the story; `tag` ends every id. */
export async function tellStory(t: Teller, tag: string): Promise<void> {
  const start = async (name: string, input: unknown, id = name): Promise<void> => {
    const { status } = await t.send('POST', `${MANAGEMENT}/orchestrators/${name}/${id}-${tag}`, JSON.stringify(input));
    if (!STARTED.includes(status)) throw new Error(`start of ${id}: ${status}`);
  };
  const raise = (id: string, event: string, data: unknown) =>
    t.send('POST', `${MANAGEMENT}/instances/${id}/raiseEvent/${event}`, JSON.stringify(data));
  // before it is waited for, and without letting the host come to rest
  for (const [name, input] of STARTS.slice(0, 8)) await start(name, input);
  await start('entities', `calls-${tag}`);
  await start('locked', { key: `lock-${tag}`, hold: 60_000 }, 'holder');
  await t.settle();
  await start('locked', { key: `lock-${tag}` }, 'second');
  for (const [name, input] of STARTS.slice(8)) await start(name, input);
  await start('signalers', `count-${tag}`);
  await t.settle();
  await t.send('POST', `${MANAGEMENT}/instances/waitOne-${tag}/suspend?reason=pause`);
  await t.settle();
  await raise(`waitOne-${tag}`, 'Go', { at: 'last' });
  await raise(`parentOfWaiting-${tag}-child`, 'Go', 'child');
  await t.settle();
  await t.send('POST', `${MANAGEMENT}/instances/waitOne-${tag}/resume`);
  await t.pass(30_000);
  await raise(`race-${tag}`, 'Approval', 'in time');
  await raise(`statusThenWait-${tag}`, 'Go', 1);
  await t.settle();
  await t.pass(86_400_000);
  await t.pass(9 * 86_400_000);
}

const IDS = [...STARTS.map(([name]) => name), 'entities', 'holder', 'second', 'signalers'];

/** How the story ended: status and output of each instance, its events in no order, and the states of its entities. */
export async function outcomeOf(t: Teller, tag: string): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const id of IDS) {
    const { json } = await t.send(
      'GET',
      `${MANAGEMENT}/instances/${id}-${tag}?showHistory=true&showHistoryOutput=true`,
    );
    const { runtimeStatus, output, customStatus, historyEvents } = json as {
      runtimeStatus: string;
      output: unknown;
      customStatus: unknown;
      historyEvents: Record<string, unknown>[];
    };
    const events = historyEvents.map((e) => `${String(e.EventType)} ${String(e.FunctionName)} ${shown(e.Result)}`);
    all[id] = {
      runtimeStatus,
      output: plain(output, tag),
      customStatus,
      events: events.map((e) => plain(e, tag)).sort(),
    };
  }
  for (const key of ['calls', 'lock', 'count']) {
    all[`@${key}`] = (await t.send('GET', `${MANAGEMENT}/entities/counter/${key}-${tag}`)).json;
  }
  return all;
}

const shown = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

/** Without what differs between two tellings: tags, generated ids, instants. */
function plain<T>(value: T, tag: string): T {
  const text = JSON.stringify(value ?? null)
    .replaceAll(`-${tag}`, '')
    .replace(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g, 'ID')
    .replace(/20\d\d-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT');
  return JSON.parse(text) as T;
}
