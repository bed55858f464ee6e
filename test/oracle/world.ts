/**
 * What was the case at every instant of a run, recomputed from the recording's inputs: consent, bookings, numbers that
 * take no texts, pauses, the policy in force, which replies must be answered how, and which incidents must be reported.
 * Of the output only the ledger's sent rows are used (a receipt and "last texted" refer to them).
 */
import { BookingLog, type AppointmentState } from './bookings';
import { mergeDeep, type Campaign, type Policy } from './policy';
import { PreferenceLog, type Status } from './preferences';
import type { LedgerRow, Output } from './readOutput';
import type { Input, Patient, PreferenceFile, Recording } from './readRecording';
import { ReplyDesk, type ExpectedAnswer, type ExpectedInbox } from './replyDesk';
import { addDays, parseInstant, startOfDate } from './time';
import { Timeline } from './timeline';

export interface ExpectedIncident {
  at: number;
  type: string;
  optional?: boolean;
  why: string;
}

export interface Arrival {
  at: number;
  file: PreferenceFile;
}

const NO_MOBILE_CODES = ['LANDLINE', 'UNKNOWN_NUMBER', 'BLOCKED'];

export class World {
  readonly campaign: Campaign;
  readonly zone: string;
  readonly start: number;
  readonly naturalEnd: number;
  readonly end: number;
  readonly cancelled: boolean;
  readonly patients = new Map<string, Patient>();
  readonly byPhone = new Map<string, Patient[]>();
  readonly texts: LedgerRow[];
  readonly textsOf = new Map<string, LedgerRow[]>();
  readonly initialTexts = new Map<string, number[]>();
  readonly inputs: Input[];
  readonly policy: Timeline<Policy>;
  readonly paused = new Timeline(false);
  readonly noMobileSince = new Map<string, number>();
  readonly maybeNoMobile = new Set<string>();
  readonly receipts = new Map<string, Set<string>>();
  readonly arrivals: Arrival[] = [];
  readonly incidents: ExpectedIncident[] = [];
  private readonly preferenceLogs = new Map<string, PreferenceLog>();
  private readonly bookingLogs = new Map<string, BookingLog>();
  private readonly desk: ReplyDesk;
  private readonly seenReceipts = new Set<string>();
  private readonly unknownReceipts = new Set<string>();
  private readonly unknownAppointments = new Set<string>();
  private readonly sentById = new Map<string, LedgerRow>();

  constructor(
    readonly recording: Recording,
    output: Output,
  ) {
    this.campaign = recording.campaign;
    this.zone = this.campaign.timeZone;
    const { startsOn, weeks, postPilotWeeks } = this.campaign;
    this.start = startOfDate(this.zone, startsOn);
    this.naturalEnd = startOfDate(this.zone, addDays(startsOn, 7 * (weeks + postPilotWeeks)));
    const cancel = recording.inputs.find((input) => input.type === 'control.cancel' && input.at <= this.naturalEnd);
    this.cancelled = cancel !== undefined;
    this.end = cancel?.at ?? this.naturalEnd;
    this.policy = new Timeline<Policy>(this.campaign);
    for (const patient of recording.roster.patients.values()) this.admitToRoster(patient, output);
    const sent = output.ledger.filter((row) => row.sentAt !== undefined);
    for (const row of sent) this.sentById.set(row.messageId, row);
    this.texts = sent
      .filter((row) => row.phase !== 'REPLY')
      .sort((a, b) => (a.sentAt as number) - (b.sentAt as number));
    for (const row of this.texts) this.textsOf.get(row.patientId)?.push(row);
    this.desk = new ReplyDesk(this);
    this.takeInitial();
    this.inputs = recording.inputs.filter((input) => input.at <= this.end);
    for (const input of this.inputs) this.take(input);
  }

  preferences(patientId: string): PreferenceLog {
    return this.preferenceLogs.get(patientId) as PreferenceLog;
  }

  bookings(patientId: string): BookingLog {
    return this.bookingLogs.get(patientId) as BookingLog;
  }

  isNoMobile(phone: string, instant: number): boolean {
    return (this.noMobileSince.get(phone) ?? Infinity) <= instant;
  }

  get answers(): ExpectedAnswer[] {
    return this.desk.answers;
  }

  get inbox(): ExpectedInbox[] {
    return this.desk.inbox;
  }

  /** The first reason of formats.md that forbids a text to the patient at that instant. */
  reasonAgainst(patient: Patient, instant: number): string | undefined {
    if (this.bookings(patient.patientId).stands.at(instant)) return 'BOOKED';
    const status = this.preferences(patient.patientId).at(instant).status;
    if (status === 'OPT_OUT') return 'OPTED_OUT';
    if (status === 'UNKNOWN') return 'NO_CONSENT';
    return this.isNoMobile(patient.phone, instant) ? 'NO_MOBILE' : undefined;
  }

  private admitToRoster(patient: Patient, output: Output): void {
    const unsure = this.recording.roster.unsurePatients.has(patient.patientId);
    if (unsure && !output.patients.has(patient.patientId)) return;
    this.patients.set(patient.patientId, patient);
    this.byPhone.set(patient.phone, [...(this.byPhone.get(patient.phone) ?? []), patient]);
    this.textsOf.set(patient.patientId, []);
    this.preferenceLogs.set(patient.patientId, new PreferenceLog());
    this.bookingLogs.set(patient.patientId, new BookingLog());
  }

  private takeInitial(): void {
    for (const known of this.recording.initial) {
      const patientId = String(known['patientId'] ?? '');
      const instant = (field: string): number => parseInstant(String(known[field])) ?? NaN;
      if (known.type === 'stop') this.desk.stopKnown(String(known['phone']), instant('at'));
      if (!this.patients.has(patientId)) continue;
      if (known.type === 'preference') {
        const status = String(known['status']) as Status;
        this.preferences(patientId).add(-Infinity, status, String(known['source']), instant('effectiveAt'));
      } else if (known.type === 'text') {
        this.initialTexts.set(patientId, [...(this.initialTexts.get(patientId) ?? []), instant('sentAt')]);
      } else if (known.type === 'booking') {
        this.bookings(patientId).take(-Infinity, 'booked', String(known['appointmentId']), instant('startsAt'));
      }
    }
    this.desk.settleInitial();
  }

  private take(input: Input): void {
    const [group, action] = input.type.split('.') as [string, string];
    if (group === 'preferences') this.takeFile(input);
    else if (input.type === 'sms.reply') this.desk.reply(input);
    else if (input.type === 'sms.receipt') this.takeReceipt(input);
    else if (group === 'appointment') this.takeAppointment(input, action as AppointmentState);
    else if (action === 'pause' || action === 'resume') this.paused.set(input.at, action === 'pause');
    else if (action === 'policy') this.policy.set(input.at, mergeDeep(this.policy.last, input['policy']));
  }

  private takeFile(input: Input): void {
    const file = this.recording.files.get(String(input['file']));
    if (!file) throw new Error(`${String(input['file'])} is not in the recording`);
    this.arrivals.push({ at: input.at, file });
    if (!file.sound) {
      this.incidents.push({ at: input.at, type: 'PREFERENCES_FILE_REFUSED', why: file.name });
      return;
    }
    for (const row of file.rows) {
      const patient = this.patients.get(row.patientId);
      const isBad = row.badFields.size > 0 || row.effectiveAt > input.at;
      if (!patient || isBad || patient.phone !== row.phone) continue;
      this.preferences(row.patientId).add(input.at, row.action as Status, 'VENDOR', row.effectiveAt);
    }
    this.desk.settle();
  }

  private takeReceipt(input: Input): void {
    const { messageId, status, code } = input as unknown as Record<string, string>;
    const row = this.sentById.get(messageId as string);
    const key = `${messageId} ${status} ${code ?? ''}`;
    if (!row || (row.sentAt as number) >= input.at) {
      // It changed nothing, so it does not make a later receipt of a sent text a duplicate either.
      this.unknown(input, `receipt ${key}`, this.unknownReceipts.has(key));
      this.unknownReceipts.add(key);
      return;
    }
    if (this.seenReceipts.has(key)) return;
    this.seenReceipts.add(key);
    this.receipts.set(row.messageId, new Set([...(this.receipts.get(row.messageId) ?? []), status as string]));
    if (status !== 'UNDELIVERED' || !NO_MOBILE_CODES.includes(code ?? '')) return;
    const phone = this.patients.get(row.patientId)?.phone ?? '';
    if (row.phase === 'REPLY') this.maybeNoMobile.add(phone);
    else if (!this.noMobileSince.has(phone)) this.noMobileSince.set(phone, input.at);
  }

  private takeAppointment(input: Input, state: AppointmentState): void {
    const { patientId, appointmentId, startsAt } = input as unknown as Record<string, string>;
    const startsAtMs = parseInstant(startsAt ?? '') ?? NaN;
    const known =
      this.patients.has(patientId as string) &&
      this.bookings(patientId as string).take(input.at, state, appointmentId as string, startsAtMs);
    if (known) return;
    const key = `${state} ${patientId} ${appointmentId}`;
    this.unknown(input, key, this.unknownAppointments.has(key));
    this.unknownAppointments.add(key);
  }

  unknown(input: Input, why: string, optional: boolean): void {
    this.incidents.push({ at: input.at, type: 'UNKNOWN_EVENT', optional: optional || input.at >= this.end, why });
  }
}
