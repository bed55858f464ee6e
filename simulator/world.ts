/**
 * The world outside the product, as one source of inputs: it is asked when something next happens, takes what happens
 * then, and is told of every text that left. Vendor files and the base load of calls come whatever the product does;
 * everything else (`cause: "response"`) is what simulated patients, the carrier and callers do about the texts, and the
 * bookings that would have happened anyway. Rules of behaviour are in the files it puts together; here only their order.
 */
import { DAY_MS, HOUR_MS, isoInZone, MINUTE_MS } from '../domain/calendar';
import type { Input } from '../domain/input';
import type { Campaign } from '../domain/policy';
import { Agenda } from './agenda';
import { rates } from './assumptions';
import { Bookings, idFor } from './bookings';
import { CallCentre, type Call } from './callCentre';
import { passageOf } from './carrier';
import { peopleOf, type Person } from './people';
import { chance, exponential } from './random';
import { reactionTo, type Reaction } from './reactions';
import { replyText, type ReplyMeaning } from './replies';
import { awake, campaignDays, onGrid } from './schedule';
import { Vendor } from './vendor';

/** A text that left the product. `sentAtMs` epoch ms. */
export interface OutboundText {
  messageId: string;
  patientId: string;
  kind: 'INVITE' | 'FOLLOW_UP' | 'ADAPTIVE' | 'STOP_CONFIRM' | 'HELP' | 'OPT_IN_CONFIRM' | 'BOOKING_OFFER';
  to: string;
  body: string;
  sentAtMs: number;
}

export interface WorldOptions {
  campaign: Campaign;
  rosterCsv: string;
  /** Any safe integer of at least 0. */
  seed: number;
}

export interface World {
  /** Epoch ms of the next input; undefined when none is left before the campaign's end. */
  nextAt(): number | undefined;
  /** Removes and returns every input of that instant, in a fixed order grouped by type. Throws if one before it is left. */
  take(atMs: number): Input[];
  /** A text left the product at `sentAtMs`; all that follows from it comes at least a second later. */
  onText(text: OutboundText): void;
  /** The content of a file named by a taken `preferences.file`. */
  preferencesFile(name: string): string;
}

/** Replies come on whole minutes: enough for any rule, and fewer instants to stop at. */
const REPLY_GRID_MS = MINUTE_MS;

export function createWorld(options: WorldOptions): World {
  return new SimulatedWorld(options);
}

class SimulatedWorld implements World {
  private readonly campaign: Campaign;
  private readonly agenda: Agenda;
  private readonly people: Map<string, Person>;
  private readonly vendor: Vendor;
  private readonly callCentre: CallCentre;
  private readonly bookings: Bookings;
  private written = { atMs: NaN, text: '' };

  constructor({ campaign, rosterCsv, seed }: WorldOptions) {
    const { startMs, endMs } = campaignDays(campaign);
    const people = peopleOf(rosterCsv, seed, campaign.startsOn);
    this.campaign = campaign;
    this.agenda = new Agenda(endMs);
    this.people = new Map(people.map((person) => [person.id, person]));
    this.vendor = new Vendor(campaign, people, seed);
    this.callCentre = new CallCentre(campaign, seed);
    this.bookings = new Bookings(this.agenda, campaign.timeZone);
    this.scheduleFiles();
    this.scheduleIntervals();
    for (const person of people) this.bookings.organic(person, startMs, endMs);
  }

  nextAt(): number | undefined {
    return this.agenda.nextAt();
  }

  take(atMs: number): Input[] {
    return this.agenda.take(atMs);
  }

  preferencesFile(name: string): string {
    return this.vendor.content(name);
  }

  onText(text: OutboundText): void {
    const person = this.people.get(text.patientId);
    if (!person) throw new RangeError(`simulator: a text to ${text.patientId}, who is not on the roster`);
    const answer = text.kind !== 'INVITE' && text.kind !== 'FOLLOW_UP' && text.kind !== 'ADAPTIVE';
    const n = answer ? ++person.answers : ++person.texts;
    const passage = passageOf(person, answer ? 'answer' : 'text', n, text.sentAtMs);
    for (const atMs of passage.receiptsAtMs) this.scheduleReceipt(text.messageId, passage.code, atMs);
    if (!passage.arrives) return;
    if (text.kind === 'STOP_CONFIRM') this.reconsider(person, n, text.sentAtMs);
    else if (text.kind === 'BOOKING_OFFER') this.takeOffer(person, n, text.sentAtMs);
    else if (!answer) this.react(person, n, text.sentAtMs);
  }

  /** Nobody on a line that was stopped answers a text again, whatever it says. */
  private react(person: Person, n: number, sentAtMs: number): void {
    person.reminded = true;
    if (person.line.stopped) return;
    const reaction = reactionTo(person, n);
    if (reaction.kind === 'NOTHING') return;
    const atMs = sentAtMs + Math.max(1000, reaction.delayMs);
    if (reaction.kind === 'ASK_BY_PHONE') this.call(atMs, { person });
    else if (reaction.kind === 'WRITE') this.reply(person, reaction.meaning, atMs);
    else this.book(person, n, atMs, reaction.channel);
  }

  private book(person: Person, n: number, atMs: number, channel: Extract<Reaction, { kind: 'BOOK' }>['channel']): void {
    if (channel === 'link')
      this.bookings.schedule(person, awake(atMs, person.zone, chance(person.luck, 'wakes', n)), 'link');
    else if (channel === 'reply') this.reply(person, 'BOOK', atMs);
    else this.call(atMs, { person, books: { n, tries: 0 } });
  }

  private takeOffer(person: Person, n: number, sentAtMs: number): void {
    if (chance(person.luck, 'takes offer', n) >= rates.takesOffer) return;
    const delayMs = 5 * MINUTE_MS + exponential(chance(person.luck, 'takes offer after', n), 3) * HOUR_MS;
    this.bookings.schedule(
      person,
      awake(sentAtMs + delayMs, person.zone, chance(person.luck, 'wakes for offer', n)),
      'reply',
    );
  }

  /** After the confirmation of a STOP: START days later, or STOP once more at once, mostly neither. */
  private reconsider(person: Person, n: number, sentAtMs: number): void {
    const u = chance(person.luck, 'reconsiders', n);
    const days = 1 + 9 * chance(person.luck, 'reconsiders after', n);
    if (u < rates.startAfterStop) this.reply(person, 'START', sentAtMs + days * DAY_MS);
    else if (u < rates.startAfterStop + rates.secondStop) this.reply(person, 'STOP', sentAtMs + 20 * MINUTE_MS);
  }

  private reply(person: Person, meaning: ReplyMeaning, wishedAtMs: number): void {
    const n = ++person.replies;
    const { line } = person;
    const text = replyText(person, meaning, n);
    const replyId = idFor('R', person, n);
    const atMs = onGrid(awake(wishedAtMs, person.zone, chance(person.luck, 'wakes to write', n)), REPLY_GRID_MS);
    const again = chance(person.luck, 'reply twice', n) < rates.replyTwice;
    const holds = meaning === 'BOOK' ? this.bookings.intent(person) : undefined;
    const input = (at: number): Input => ({
      at: this.iso(at),
      type: 'sms.reply',
      cause: 'response',
      from: line.phone,
      text,
      replyId,
    });
    const happen = () => {
      if (meaning === 'STOP') line.stops += 1;
      if (meaning === 'STOP' || meaning === 'START') line.stopped = meaning === 'STOP';
      const twiceAtMs = atMs + 2 * MINUTE_MS;
      if (again) this.agenda.add({ atMs: twiceAtMs, type: 'sms.reply', key: replyId, happen: () => input(twiceAtMs) });
      return input(atMs);
    };
    this.agenda.add({ atMs, type: 'sms.reply', key: replyId, holds, happen });
  }

  private call(atMs: number, call: Call): void {
    const n = call.books?.tries ?? 0;
    this.callCentre.call(atMs, exponential(chance(call.person.luck, 'calls after opening', n), 1.5) * HOUR_MS, call);
  }

  private scheduleFiles(): void {
    for (const { atMs, file } of this.vendor.deliveries) {
      const happen = (): Input => ({ at: this.iso(atMs), type: 'preferences.file', file });
      this.agenda.add({ atMs, type: 'preferences.file', key: file, happen });
    }
  }

  private scheduleIntervals(): void {
    this.callCentre.intervals.forEach(({ toMs }, index) => {
      const happen = () => this.closeInterval(index, toMs);
      this.agenda.add({ atMs: toMs, type: 'call.interval', key: String(index), happen });
    });
  }

  /** Whoever got through books while on the phone; whoever gave up may call again the next day. */
  private closeInterval(index: number, toMs: number): Input {
    const { input, calls, gaveUp } = this.callCentre.close(index);
    for (const { person, books } of calls) {
      if (!books) continue;
      const { n, tries } = books;
      const luck = (what: string) => chance(person.luck, `${what} ${tries}`, n);
      if (luck('gives up') >= gaveUp) this.bookings.schedule(person, toMs + MINUTE_MS, 'phone');
      else if (luck('calls again') < rates.callsAgain)
        this.call(toMs + DAY_MS * (0.5 + luck('calls again after')), { person, books: { n, tries: tries + 1 } });
    }
    return input;
  }

  private scheduleReceipt(
    messageId: string,
    code: 'LANDLINE' | 'UNKNOWN_NUMBER' | 'BLOCKED' | 'OTHER' | undefined,
    atMs: number,
  ): void {
    const happen = (): Input => {
      const common = { at: this.iso(atMs), type: 'sms.receipt', cause: 'response', messageId } as const;
      return code ? { ...common, status: 'UNDELIVERED', code } : { ...common, status: 'DELIVERED' };
    };
    this.agenda.add({ atMs, type: 'sms.receipt', key: messageId, happen });
  }

  /** Remembers the last one: a pass of texts has its receipts at a few instants. */
  private iso(atMs: number): string {
    if (this.written.atMs !== atMs) this.written = { atMs, text: isoInZone(atMs, this.campaign.timeZone) };
    return this.written.text;
  }
}
