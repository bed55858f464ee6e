/** A day of six patients without a host: its activities are called one by one, so that a test can cut in anywhere. */
import { openDay } from '../../activities/openDay';
import { planPass, type PassPlan } from '../../activities/planPass';
import { sendTexts } from '../../activities/sendTexts';
import { startCampaign } from '../../activities/startCampaign';
import { takeRoster } from '../../activities/takeRoster';
import { ask, UNKNOWN_PATIENT, type Answer, type PatientState } from '../../domain/patient';
import { createMemoryServices, type MemoryServices } from '../../services/memory/services';
import type { Services } from '../../services/services';
import { allRows } from '../../services/tables';
import { seedInitial } from '../../simulator/seedInitial';
import { receiveInMemory } from '../../triggers/receivers';
import { optedIn, rosterOf, SMALL } from './harness';

export const at = (time: string) => Date.parse(`2026-01-05T${time}:00-06:00`);
export const DAY = { campaignId: 'small', date: '2026-01-05', listener: 'small' };
export const COUNT = 6;

/** A day of six patients, with the world's own notes of what was sent. */
export class Day {
  readonly sent: string[] = [];
  readonly entities = new Map<string, PatientState>();
  nowMs = at('00:00');
  readonly memory: MemoryServices = createMemoryServices();
  services: Services = { ...this.memory, clock: { now: () => this.nowMs } };

  constructor() {
    receiveInMemory(this.services, this.memory.bus);
  }

  /** With its roster, and not started. `given`: columns of the roster, patient by patient. */
  static async entered(given: readonly object[] = []): Promise<Day> {
    const day = new Day();
    const patients = Array.from({ length: COUNT }, (_, i) => given[i] ?? {});
    day.memory.sms.subscribe((text) => day.sent.push(text.patientId));
    await takeRoster(day.services, 'small', rosterOf(patients), day.nowMs);
    await seedInitial(day.services, optedIn(...patients.map((_, i) => `P${i + 1}`)) as never, async () => undefined);
    return day;
  }

  /** Started, and not open yet. */
  static async ready(campaign: object = SMALL, given: readonly object[] = []): Promise<Day> {
    const day = await Day.entered(given);
    await startCampaign(day.services, 'small', campaign, day.nowMs, async () => undefined);
    return day;
  }

  /** Opened at 00:00. */
  static async open(campaign: object = SMALL, given: readonly object[] = []): Promise<Day> {
    const day = await Day.ready(campaign, given);
    await openDay(day.services, { ...DAY, nowMs: day.nowMs });
    return day;
  }

  async plan(time: string, pass: number): Promise<PassPlan> {
    this.nowMs = at(time);
    return planPass(this.services, { ...DAY, nowMs: this.nowMs, pass });
  }

  /** Every patient's entity says what it says and remembers it. */
  answers(plan: PassPlan): Answer[] {
    const { asks, common } = plan.only!;
    return asks.map(({ patientId, ...one }) => {
      const before = this.entities.get(patientId) ?? UNKNOWN_PATIENT;
      const { state, answer } = ask(before, { ...one, ...common, nowMs: this.nowMs });
      this.entities.set(patientId, state);
      return answer;
    });
  }

  send(plan: PassPlan, answers: readonly Answer[]) {
    return sendTexts(this.services, { campaignId: 'small', date: DAY.date, batch: plan.batches[0]!, answers });
  }

  async whole(time: string, pass: number): Promise<void> {
    const plan = await this.plan(time, pass);
    if (plan.only) await this.send(plan, this.answers(plan));
  }

  async ledger() {
    return (await allRows(this.services.store.ledger, {})).map(({ value }) => value);
  }
}

export const everyone = Array.from({ length: COUNT }, (_, i) => `P${i + 1}`);
