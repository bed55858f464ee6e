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

/** All six patients of the day are ordered at 18:30. `patients`: columns of the roster, patient by patient. */
export async function queued(...patients: readonly object[]) {
  const day = await Day.open(SMALL, patients);
  const queue: TextOrder[] = [];
  const { bus } = day.memory;
  day.services = {
    ...day.services,
    bus: { ...bus, send: async (_, bodies) => void queue.push(...(bodies as readonly TextOrder[])) },
  };
  const plan = await day.plan('18:30', 1);
  const answers = day.answers(plan);
  const send = () => day.send(plan, answers);
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

/** The gateway does this instead. */
export const gateway = (day: Day, sms: Partial<Sms>) => {
  day.services = { ...day.services, sms: { ...day.memory.sms, ...sms } };
};
