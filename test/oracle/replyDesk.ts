/**
 * Replies (formats.md rules 5 and 13): who is opted out or in, which answer each reply must get, whom it is booked to,
 * and what goes to the inbox. A number is *closed* from a STOP until an opt-in of anybody on it; while closed nothing
 * but START is answered.
 */
import type { Input, Patient } from './readRecording';
import { meaningsOf, type Meaning } from './replies';
import type { World } from './world';

export interface ExpectedAnswer {
  replyId: string;
  at: number;
  kind: string;
  patientIds: string[];
  optional: boolean;
}

export interface ExpectedInbox {
  at: number;
  patientIds: string[];
  optional: boolean;
}

export class ReplyDesk {
  readonly answers: ExpectedAnswer[] = [];
  readonly inbox: ExpectedInbox[] = [];
  private readonly seen = new Set<string>();
  private readonly stopAt = new Map<string, number>();
  private readonly closed = new Set<string>();

  constructor(private readonly world: World) {}

  /** A STOP from before the run: its confirmation was sent then. */
  stopKnown(phone: string, at: number): void {
    this.stop(phone, -Infinity, at);
  }

  settleInitial(): void {
    this.settle();
  }

  /** Opens the numbers on which somebody has opted in since the STOP. */
  settle(): void {
    for (const phone of this.closed) {
      const since = this.stopAt.get(phone) as number;
      const reopened = this.on(phone).some((patient) => {
        const preference = this.world.preferences(patient.patientId).last;
        return preference.status === 'OPT_IN' && preference.effectiveAt > since;
      });
      if (reopened) this.closed.delete(phone);
    }
  }

  reply(input: Input): void {
    const { from, text, replyId } = input as unknown as Record<string, string>;
    if (this.seen.has(replyId as string)) return;
    this.seen.add(replyId as string);
    if (this.on(from as string).length === 0) {
      this.world.unknown(input, `reply ${replyId} from a number of nobody`, false);
      return;
    }
    const meanings = meaningsOf(text as string);
    const meaning = meanings[0] as Meaning;
    const unsure = meanings.length > 1;
    const kind = this.act(from as string, meaning, input.at);
    const patientIds = this.bookedTo(from as string, input.at);
    const wantsInbox = ['STOP_AND_INBOX', 'INBOX'].includes(meaning) || kind === 'INBOX' || kind === 'MAYBE_INBOX';
    if (wantsInbox || unsure) {
      this.inbox.push({
        at: input.at,
        patientIds,
        optional: unsure || kind === 'MAYBE_INBOX' || input.at >= this.world.end,
      });
    }
    if (!kind || kind === 'INBOX' || kind === 'MAYBE_INBOX' || this.world.isNoMobile(from as string, input.at)) return;
    const stops = meanings.every((m) => m === 'STOP' || m === 'STOP_AND_INBOX');
    const optional = (unsure && !stops) || this.world.maybeNoMobile.has(from as string) || input.at >= this.world.end;
    this.answers.push({ replyId: replyId as string, at: input.at, kind, patientIds, optional });
  }

  /** Changes consent and returns the kind of answer due, `INBOX`, or undefined for silence. */
  private act(phone: string, meaning: Meaning, at: number): string | undefined {
    switch (meaning) {
      case 'STOP':
      case 'STOP_AND_INBOX': {
        const first = !this.closed.has(phone);
        this.stop(phone, at, at);
        return first ? 'STOP_CONFIRM' : undefined;
      }
      case 'START':
        // A STOP of the same instant wins the tie: the START does nothing.
        if (this.closed.has(phone) && (this.stopAt.get(phone) as number) >= at) return undefined;
        return this.startAgain(phone, at) ? 'OPT_IN_CONFIRM' : 'INBOX';
      case 'HELP':
        return this.closed.has(phone) ? undefined : 'HELP';
      case 'BOOK': {
        const reached = this.on(phone).some((p) => this.world.preferences(p.patientId).last.status === 'OPT_IN');
        return reached ? 'BOOKING_OFFER' : 'MAYBE_INBOX';
      }
      case 'INBOX':
        return undefined;
    }
  }

  private stop(phone: string, knownAt: number, effectiveAt: number): void {
    for (const patient of this.on(phone)) {
      this.world.preferences(patient.patientId).add(knownAt, 'OPT_OUT', 'REPLY', effectiveAt);
    }
    this.stopAt.set(phone, Math.max(effectiveAt, this.stopAt.get(phone) ?? -Infinity));
    this.closed.add(phone);
  }

  private startAgain(phone: string, at: number): boolean {
    const stopped = this.on(phone).filter((patient) => {
      const preference = this.world.preferences(patient.patientId).last;
      return preference.status === 'OPT_OUT' && preference.sources.includes('REPLY');
    });
    const last = this.lastTexted(phone, at);
    const targets = stopped.length > 0 ? stopped : this.on(phone).filter((p) => last[0] === p.patientId);
    for (const patient of targets) this.world.preferences(patient.patientId).add(at, 'OPT_IN', 'REPLY', at);
    if (targets.length > 0) this.closed.delete(phone);
    return targets.length > 0;
  }

  private on(phone: string): Patient[] {
    return this.world.byPhone.get(phone) ?? [];
  }

  /** Whom an answer to the number is booked to; several only where two were texted at the same instant. */
  private bookedTo(phone: string, at: number): string[] {
    const last = this.lastTexted(phone, at);
    const lowest = this.on(phone)
      .map((patient) => patient.patientId)
      .sort((a, b) => (a < b ? -1 : 1));
    return last.length > 0 ? last : lowest.slice(0, 1);
  }

  private lastTexted(phone: string, at: number): string[] {
    let newest = -Infinity;
    let found: string[] = [];
    for (const { patientId } of this.on(phone)) {
      const sent = (this.world.textsOf.get(patientId) ?? []).map((row) => row.sentAt as number);
      const before = [...sent.filter((t) => t < at), ...(this.world.initialTexts.get(patientId) ?? [])];
      const latest = Math.max(-Infinity, ...before);
      if (latest === -Infinity) continue;
      if (latest > newest) found = [];
      if (latest >= newest) found.push(patientId);
      newest = Math.max(newest, latest);
    }
    return found;
  }
}
