/** A day whose orders of texts wait in the queue until the test hands them over. */
import { deliverTexts } from '../../activities/deliverTexts';
import { takeReply } from '../../activities/takeReply';
import type { TextOrder } from '../../services/messaging';
import type { Messenger } from '../../services/messenger';
import type { Services } from '../../services/services';
import type { Sms } from '../../services/sms';
import { allRows } from '../../services/tables';
import { Day } from './day';
import { phoneOf, SMALL } from './harness';

const silent: Messenger = { signalPatient: async () => undefined, wake: async () => undefined };

/** Planned at `time`, and not ordered. `patients`: columns of the roster, patient by patient. */
export async function planned(time = '18:30', ...patients: readonly object[]) {
  const day = await Day.open(SMALL, patients);
  const queue: TextOrder[] = [];
  day.services = {
    ...day.services,
    bus: { ...day.memory.bus, send: async (_, bodies) => void queue.push(...(bodies as readonly TextOrder[])) },
  };
  const plan = await day.plan(time, 1);
  const answers = day.answers(plan);
  return { day, queue, send: () => day.send(plan, answers) };
}

/** All six patients of the day are ordered at 18:30. */
export async function queued(...patients: readonly object[]) {
  const { day, queue, send } = await planned('18:30', ...patients);
  const { bus } = day.memory;
  await send();
  const receive = () => deliverTexts(day.services, queue.splice(0));
  const status = async () =>
    Object.fromEntries((await day.ledger()).map((row) => [row.patientId, row.reason ?? row.status]));
  const reply = (
    n: number,
    text: string,
    over: Services = { ...day.services, bus },
    replyId = `R${n}`,
    atMs = day.nowMs,
  ) =>
    takeReply(over, silent, {
      type: 'sms.reply',
      at: new Date(atMs).toISOString(),
      from: phoneOf(n),
      text,
      replyId,
    });
  const stop = (n: number) => reply(n, 'STOP');
  const reservations = async () => (await allRows(day.services.store.reservations, {})).length;
  return { day, queue, send, receive, status, reply, stop, reservations };
}

export async function pause(day: Day, paused: boolean): Promise<void> {
  const { controls } = day.services.store;
  const [control] = await allRows(controls, {});
  await controls.upsert({ ...control!, value: { ...control!.value, paused } });
}

/** Of the only batch: it was cut off before it could write that down. */
export async function forgetOutcome(day: Day): Promise<void> {
  const { batches } = day.services.store;
  const [batch] = await allRows(batches, {});
  await batches.upsert({ ...batch!, value: { ...batch!.value, outcome: null } });
}

/** The gateway does this instead. */
export const gateway = (day: Day, sms: Partial<Sms>) => {
  day.services = { ...day.services, sms: { ...day.memory.sms, ...sms } };
};
