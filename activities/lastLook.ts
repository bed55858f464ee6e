/**
 * The last look before a text or an answer leaves: consent and booking as they are now, hours, pause and cancel. Whoever may not
 * leave is held back (deliverTexts.ts).
 */
import { localDate, localMinutes, minutesOfDay } from '../domain/calendar';
import { reasonAgainst } from '../domain/outreach';
import { startsAtMs } from '../domain/schedule';
import type { TextOrder } from '../services/messaging';
import type { PersonRow } from '../services/rows';
import type { Services } from '../services/services';
import { readContext, type CampaignContext } from './context';
import { knownOf } from './feed';
import { getEachPerson, getNumber } from './people';
import type { TakenBack } from './reserved';

type Verdict = 'GO' | 'TOO_LATE' | NonNullable<TakenBack['refusal']>;

interface Evidence {
  readonly contexts: ReadonlyMap<string, CampaignContext>;
  readonly people: ReadonlyMap<string, PersonRow>;
  /** To whom an answer waits, on a number whose last word was STOP. */
  readonly stopped: ReadonlySet<string>;
}

/** An answer needs no campaign. People last: nothing that is known of them should be older than it must. */
export async function readEvidence(services: Services, orders: readonly TextOrder[]): Promise<Evidence> {
  const texts = orders.filter(({ date }) => date !== null);
  const contexts = new Map<string, CampaignContext>();
  for (const campaignId of new Set(texts.map(({ row }) => row.value.campaignId)))
    contexts.set(campaignId, await readContext(services, campaignId));
  const people = await getEachPerson(services, new Set(orders.map(({ row }) => row.value.patientId)));
  const stopped = new Set<string>();
  for (const { row, date } of orders) {
    const { patientId, campaignId } = row.value;
    const numberKey = date === null ? people.get(patientId)?.campaigns[campaignId]?.numberKey : undefined;
    const number = numberKey === undefined ? undefined : await getNumber(services, numberKey);
    if (number?.stop && !number.stop.closed) stopped.add(patientId);
  }
  return { contexts, people, stopped };
}

/** Consent and booking as they are now, not as they were when the gate was asked; hours, pause and cancel too. */
export function mayLeave(evidence: Evidence, order: TextOrder, nowMs: number): Verdict {
  // Why, its row says.
  if (order.row.value.recalled) return 'TOO_LATE';
  if (order.date === null) return isOvertaken(order, evidence) ? 'TOO_LATE' : 'GO';
  const { campaignId, patientId, timeZone } = order.row.value;
  const context = evidence.contexts.get(campaignId)!;
  // Nobody is refused while nobody could be texted: a later pass judges.
  if (!mayGoNow(context, timeZone, nowMs, order.date)) return 'TOO_LATE';
  const person = evidence.people.get(patientId);
  const reason = person ? reasonAgainst(knownOf(person, startsAtMs(context.campaign))) : 'NO_CONSENT';
  return reason === null ? 'GO' : { reason, consent: person?.preference ?? null };
}

/** Not paused, not over, still this day, still inside the recipient's window. */
export function mayGoNow(context: CampaignContext, timeZone: string, nowMs: number, date: string): boolean {
  const { control, policy, campaign } = context;
  const minutes = localMinutes(nowMs, timeZone);
  const inWindow = minutes >= minutesOfDay(policy.sendWindow.from) && minutes < minutesOfDay(policy.sendWindow.to);
  return !control.paused && control.cancelledAtMs === null && inWindow && localDate(nowMs, campaign.timeZone) === date;
}

/**
 * After a STOP that was taken in while an answer waited nothing leaves but the confirmation of that (formats.md, rule 5). The
 * number says so, or the person, where a STOP is written first; of a person a vendor may have said something since.
 */
function isOvertaken({ row, text }: TextOrder, { people, stopped }: Evidence): boolean {
  if (text.kind === 'STOP_CONFIRM') return false;
  const { consent, patientId } = row.value;
  if (stopped.has(patientId)) return true;
  const known = people.get(patientId)?.preference;
  if (known?.status !== 'OPT_OUT' || known.source !== 'REPLY') return false;
  if (text.kind === 'OPT_IN_CONFIRM') return true;
  // HELP may have been decided on with an older STOP, when the number was to be answered again.
  return consent?.status !== 'OPT_OUT' || known.effectiveAtMs > consent.effectiveAtMs;
}
