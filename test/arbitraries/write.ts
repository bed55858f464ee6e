/**
 * Writes a planned recording down as the files of formats.md, inputs ascending by instant. Names are invented words.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addDays, instantOf, isoOf, HOUR } from '../oracle/time';
import type { FilePlan, RecordingPlan, When } from './plan';
import { WEEKDAYS, ZONES } from './plan';

const HEADER =
  'patientId,firstName,lastName,phone,language,timeZone,state,category,birthDate,chronicConditions,edVisits12m,admissions12m,missedAppointments12m,lastPcpVisit,careGaps,clinicId,pcpId';
const FIRST = ['Vokri', 'Zandule', 'Mipra', 'Tovelin', 'Quarbo', 'Jendiska', 'Olvaru', 'Prelkan'];
const LAST = ['Brantulo', 'Keshovir', 'Dolmaquin', 'Perzalik', 'Umbrenko', 'Stravoli', 'Cendripa'];

type Input = Record<string, unknown> & { ms: number };

export function writeRecording(plan: RecordingPlan, folder: string): void {
  new Writer(plan).write(folder);
}

class Writer {
  private readonly zone: string;
  private readonly inputs: Input[] = [];
  private readonly files = new Map<string, string>();

  constructor(private readonly plan: RecordingPlan) {
    this.zone = ZONES[plan.campaign.timeZone] as string;
  }

  write(folder: string): void {
    for (const file of this.plan.files) this.addFile(file);
    this.addReplies();
    this.addReceipts();
    this.addVisits();
    this.addCalls();
    this.addControls();
    mkdirSync(join(folder, 'preferences'), { recursive: true });
    for (const [name, text] of this.files) writeFileSync(join(folder, 'preferences', name), text);
    writeFileSync(join(folder, 'campaign.json'), JSON.stringify(this.campaign(), null, 2));
    writeFileSync(join(folder, 'roster.csv'), this.roster());
    const lines = this.inputs
      .sort((a, b) => a.ms - b.ms)
      .map(({ ms, ...body }) => JSON.stringify({ at: isoOf(this.zone, ms), ...body }));
    writeFileSync(join(folder, 'inputs.jsonl'), lines.map((line) => `${line}\n`).join(''));
    const initial = this.initial();
    if (initial.length > 0)
      writeFileSync(join(folder, 'initial.jsonl'), initial.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  private date(day: number): string {
    return addDays(this.plan.campaign.startsOn, day);
  }

  private instant({ day, minute, second }: When): number {
    const pad = (n: number): string => String(n).padStart(2, '0');
    return instantOf(this.zone, this.date(day), `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`) + second * 1000;
  }

  private push(ms: number, type: string, body: Record<string, unknown>): void {
    this.inputs.push({ ms, type, ...body });
  }

  private campaign(): Record<string, unknown> {
    const { campaign } = this.plan;
    const { skipDays, capacityPerDay, forecast, callsPerTextPrior, floorPerDay, hoursPerDay, ...rest } = campaign;
    const baseForecast = Object.fromEntries(WEEKDAYS.map((name, i) => [name, forecast[i]]));
    return {
      campaignId: 'random',
      ...rest,
      timeZone: this.zone,
      skipDates: [...skipDays].sort((a, b) => a - b).map((day) => this.date(day)),
      callCentre: { capacityPerDay, hoursPerDay, baseForecast, callsPerTextPrior, floorPerDay },
    };
  }

  private id(person: number): string {
    return `P${String(person % this.plan.people.length).padStart(2, '0')}`;
  }

  private phone(person: number): string {
    const i = person % this.plan.people.length;
    const shares = this.plan.people[i]?.sharesPhone && i > 0;
    return shares ? this.phone(i - 1) : `+1312234${5600 + i}`;
  }

  private roster(): string {
    const rows = this.plan.people.map((person, i) => {
      const bad = (field: string, good: string, wrong: string): string => (person.bad === field ? wrong : good);
      return [
        this.id(i),
        FIRST[i % 8],
        LAST[i % 7],
        bad('phone', this.phone(i), '+1312'),
        bad('language', i % 3 === 0 ? 'es' : 'en', 'fr'),
        ZONES[person.zone],
        'IL',
        bad('category', person.vip ? 'VIP' : 'SERIOUS', 'vip'),
        bad('birthDate', `19${40 + (i % 40)}-0${1 + (i % 9)}-1${i % 10}`, '1950-02-31'),
        person.risk * 2,
        bad('edVisits12m', String(person.risk), '-1'),
        person.risk,
        person.risk,
        person.risk % 2 === 0 ? '' : '2025-06-03',
        person.risk,
        `C-${i % 3}`,
        `D-${i % 4}`,
      ].join(',');
    });
    return `${HEADER}\n${rows.join('\n')}\n`;
  }

  private addFile(file: FilePlan): void {
    if (file.fate === 'none') return;
    const name = `preferences-${this.date(file.day)}`;
    const minute = file.fate === 'late' ? 1200 : file.minute;
    const at = this.instant({ day: file.day, minute, second: 0 });
    const early = this.instant({ day: Math.max(0, file.day - 1), minute: 1300, second: 0 });
    const add = (suffix: string, ms: number, isCut: boolean): void => {
      this.files.set(`${name}${suffix}.csv`, this.fileText(file, ms, isCut));
      this.push(ms, 'preferences.file', { file: `${name}${suffix}.csv` });
    };
    if (file.fate === 'early') add('', file.day === 0 ? at : early, false);
    else add('', at, file.fate === 'cut' || file.fate === 'corrected');
    if (file.fate === 'corrected') add('.2', at + HOUR, false);
    if (file.fate === 'twice') this.push(at + 2 * HOUR, 'preferences.file', { file: `${name}.csv` });
  }

  private fileText(file: FilePlan, ms: number, isCut: boolean): string {
    const first = file.day === 0 || this.plan.files.slice(0, file.day).every((f) => f.fate === 'none');
    const everybody = first
      ? this.plan.people.map((person, i) => ({ person, i })).filter(({ person }) => person.consent !== 'none')
      : [];
    const all = everybody.map(({ person, i }) => [
      this.id(i),
      this.phone(i),
      person.consent,
      isoOf(this.zone, ms - 500 * HOUR),
      'portal',
    ]);
    const extra = file.rows.map((row) => [
      row.stranger ? 'X99' : this.id(row.person),
      row.wrongPhone ? '+13122340001' : this.phone(row.person),
      row.action,
      isoOf(this.zone, ms + row.effectiveHours * HOUR),
      'portal',
    ]);
    const rows = [...all, ...extra].map((row) => `${row.join(',')}\n`);
    return `patientId,phone,action,effectiveAt,source\n${rows.join('')}TRAILER,${rows.length + (isCut ? 1 : 0)}\n`;
  }

  private addReplies(): void {
    this.plan.replies.forEach((reply, i) => {
      const from = reply.stranger ? '+13122349999' : this.phone(reply.person);
      const replyId = `r${i - (reply.repeated && i > 0 ? 1 : 0)}`;
      this.push(this.instant(reply), 'sms.reply', { from, text: reply.text, replyId });
    });
  }

  private addReceipts(): void {
    for (const receipt of this.plan.receipts) {
      const wave = receipt.adaptiveDay < 0 ? String(receipt.wave) : `A${this.date(receipt.adaptiveDay)}`;
      const key = `random|${this.id(receipt.person)}|${wave}|${receipt.touch}`;
      const messageId = createHash('sha256').update(key).digest('hex').slice(0, 32);
      const code = receipt.status === 'UNDELIVERED' && receipt.code !== 'none' ? { code: receipt.code } : {};
      const at = this.instant({ ...receipt, second: 40 });
      this.push(at, 'sms.receipt', { messageId, status: receipt.status, ...code });
      if (receipt.repeated) this.push(at + HOUR / 2, 'sms.receipt', { messageId, status: receipt.status, ...code });
    }
  }

  private addVisits(): void {
    this.plan.visits.forEach((visit, i) => {
      const patientId = this.id(visit.person);
      const appointmentId = `v${i}`;
      const at = this.instant(visit);
      // Never at the very end of the campaign, where it is open whether an input counts.
      const ends = at + visit.endsAfterHours * HOUR + 7_000;
      const booked = { patientId, appointmentId, startsAt: isoOf(this.zone, ends), channel: 'phone' };
      if (!visit.unknown) this.push(at, 'appointment.booked', booked);
      if (!visit.unknown && visit.repeated) this.push(at + 30_000, 'appointment.booked', booked);
      if (visit.end === 'none') return;
      this.push(ends, `appointment.${visit.end}`, { patientId, appointmentId });
      if (visit.repeated) this.push(ends + 30_000, `appointment.${visit.end}`, { patientId, appointmentId });
    });
  }

  private addCalls(): void {
    for (const spell of this.plan.spells) {
      spell.hours.forEach((hour, i) => {
        const from = this.instant({ day: spell.day, minute: (spell.firstHour + i) * 60, second: 0 });
        const lost = Math.min(hour.lost, hour.offered);
        const answered = hour.offered - lost;
        this.push(from + HOUR + 10_000, 'call.interval', {
          from: isoOf(this.zone, from),
          to: isoOf(this.zone, from + HOUR),
          offered: hour.offered,
          answered,
          answeredWithin30s: Math.max(0, answered - hour.slow),
          abandoned: lost,
          abandonedWithin10s: Math.min(1, lost),
          ...(spell.hours[0]?.hasBase ? { base: Math.floor(hour.offered * 0.7) } : {}),
        });
      });
    }
  }

  private addControls(): void {
    for (const pause of this.plan.pauses) {
      const at = this.instant(pause);
      this.push(at, 'control.pause', { by: 'lead-1' });
      this.push(at + pause.hours * HOUR + 7_000, 'control.resume', { by: 'lead-1' });
    }
    for (const policy of this.plan.policies)
      this.push(this.instant(policy), 'control.policy', { by: 'lead-2', policy: policy.change });
    if (this.plan.cancel)
      this.push(this.instant({ ...this.plan.cancel, second: 50 }), 'control.cancel', { by: 'lead-1' });
  }

  private initial(): Record<string, unknown>[] {
    const start = this.instant({ day: 0, minute: 0, second: 0 });
    return this.plan.initial.map(({ kind, person, hoursBefore, status }, i) => {
      const at = isoOf(this.zone, start - hoursBefore * HOUR);
      const patientId = this.id(person);
      if (kind === 'preference') return { type: kind, patientId, status, source: 'VENDOR', effectiveAt: at };
      if (kind === 'stop') return { type: kind, phone: this.phone(person), at };
      if (kind === 'text') return { type: kind, patientId, sentAt: at };
      return {
        type: kind,
        patientId,
        appointmentId: `old${i}`,
        startsAt: isoOf(this.zone, start + hoursBefore * HOUR),
      };
    });
  }
}
