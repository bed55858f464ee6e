/**
 * Every number that the simulated outside world is drawn from, each with its source: a line of domain-rules.md or
 * seeds-facts.md, or the word "assumption". docs/simulator.md shows the same table. Rates are probabilities in [0, 1]
 * unless the name says otherwise. Leaves out: the campaign's own figures (forecast, capacity), which come with it.
 */
const assumption = 'assumption';

export const assumptions = {
  // Roster
  spanish: { value: 0.18, source: assumption },
  vip: { value: 0.15, source: assumption },
  sharedPhone: { value: 0.015, source: `${assumption}: couples and carers` },
  badRows: { value: 0.005, source: `${assumption}; at least 5 rows` },
  neverSeenByPcp: { value: 0.08, source: assumption },
  missedPerYearMean: { value: 0.9, source: `${assumption}: high-risk patients; >= 2 is the flag of domain-rules.md` },

  // Vendor of preferences
  optIn: { value: 0.8, source: assumption },
  optOut: { value: 0.08, source: `${assumption}; the rest has no row, which is not consent` },
  unknownOptsInLater: { value: 0.5, source: `${assumption}, over the whole campaign` },
  optInLeaves: { value: 0.025, source: `${assumption}, over the whole campaign` },
  leaverReturns: { value: 0.35, source: assumption },
  optOutReturns: { value: 0.05, source: `${assumption}, over the whole campaign` },
  resentRows: { value: 0.004, source: `${assumption}, share of the roster in each file` },
  oddRowsInFile: { value: 0.35, source: `${assumption}: files with 1 to 3 rows that are bad, foreign or unknown` },
  dayMissed: { value: 0.05, source: `${assumption}: one send day in 20 gets its file after the deadline` },
  dayLate: { value: 0.08, source: assumption },
  dayDuplicated: { value: 0.06, source: assumption },
  dayCut: { value: 0.05, source: `${assumption}: wrong trailer, corrected within the hour` },

  // Carrier
  landline: { value: 0.03, source: `${assumption}: numbers that are landlines in truth` },
  unknownNumber: { value: 0.01, source: assumption },
  blocked: { value: 0.005, source: assumption },
  failsOnce: { value: 0.01, source: `${assumption}: code OTHER, the next text may arrive` },
  receiptLost: { value: 0.01, source: assumption },
  receiptTwice: { value: 0.005, source: assumption },
  receiptDelays: {
    value: [
      { seconds: 30, weight: 0.98 },
      { seconds: 300, weight: 0.02 },
    ],
    source: `${assumption}: a gateway that reports in half-minute batches`,
  },

  // What a delivered text does, by how many the patient has had before (the last figure holds for all later ones)
  bookByText: { value: [0.12, 0.09, 0.07, 0.05], source: assumption },
  vipBooksTimes: { value: 1.2, source: `${assumption}, a factor` },
  stopByText: { value: [0.018, 0.012, 0.012, 0.015], source: assumption },
  helpByText: { value: 0.005, source: assumption },
  freeTextByText: { value: 0.012, source: assumption },
  questionCallByText: { value: 0.078, source: `${assumption}: with bookings by phone about 0.10 calls a text` },
  bookingChannels: {
    value: [
      { channel: 'link', weight: 0.42 },
      { channel: 'phone', weight: 0.4 },
      { channel: 'reply', weight: 0.18 },
    ],
    source: assumption,
  },
  booksSoon: { value: 0.6, source: `${assumption}: within hours; the others within three days` },
  takesOffer: { value: 0.85, source: `${assumption}: of those who are offered a slot after BOOK` },
  startAfterStop: { value: 0.08, source: assumption },
  secondStop: { value: 0.05, source: assumption },
  replyTwice: { value: 0.01, source: `${assumption}: the carrier delivers the same reply again` },
  bookingTwice: { value: 0.005, source: `${assumption}: the booking system reports the same booking again` },

  // Bookings and visits
  organicPerWeek: { value: 0.01, source: `${assumption}: books with no text at all, hazard a week` },
  organicChannels: {
    value: [
      { channel: 'phone', weight: 0.6 },
      { channel: 'other', weight: 0.25 },
      { channel: 'link', weight: 0.15 },
    ],
    source: assumption,
  },
  leadDaysMean: { value: 11, source: `${assumption}: days from booking to visit, exponential from 1, at most 60` },
  noShowOdds: { value: 0.17, source: `${assumption}: fits the mean of 23 % (Dantas et al. 2018) for texted patients` },
  oddsEarlierMiss: { value: 4.42, source: 'PMC11149957: odds ratio of an earlier no-show' },
  oddsLongLead: { value: 5.45, source: 'PMC11149957: odds ratio of a lead time over 4 weeks' },
  oddsTexted: { value: 0.54, source: 'EMHJ 2014: 26.3 % with texts, 39.8 % without, as an odds ratio' },
  cancels: { value: 0.102, source: 'seeds-facts.md: 10.2 % of telemedicine appointments cancelled' },
  rebooksAfterCancel: { value: 0.45, source: `${assumption}; seeds-facts.md has 10.1 % rescheduled` },

  // Call centre
  dayNoise: { value: 0.05, source: `${assumption}: standard deviation of a day's base load, as a share` },
  morningPeak: { value: 0.5, source: `${assumption}: added to the flat load at its peak` },
  staffFollowsLoad: { value: 0.7, source: `${assumption}: share of the staff that follows the daily profile` },
  staffSlack: { value: 1.14, source: `${assumption}: planned capacity is a little less than what can be done` },
  spellOnMonday: { value: 0.3, source: `${assumption}; Monday is the peak (seeds-facts.md); week 2 always has one` },
  spellLoadTimes: { value: 1.35, source: `${assumption}, a factor` },
  spellStaffTimes: { value: 0.7, source: `${assumption}, a factor` },
  abandonsAnyway: { value: 0.012, source: assumption },
  abandonsPerOverload: { value: 0.45, source: `${assumption}: share lost for each unit of load above 1.1` },
  answeredFast: { value: 0.95, source: `${assumption}: answered within 30 s while load is within capacity` },
  slowsPerOverload: { value: 0.8, source: `${assumption}: share slowed for each unit of load above capacity` },
  abandonsWithin10s: { value: 0.2, source: `${assumption}, of those who abandon` },
  callsAgain: { value: 0.7, source: `${assumption}: a caller who wanted to book and gave up` },
} as const;

type Rates = { readonly [K in keyof typeof assumptions]: (typeof assumptions)[K]['value'] };

/** The bare values, by name. */
export const rates = Object.fromEntries(
  Object.entries(assumptions).map(([name, { value }]) => [name, value]),
) as unknown as Rates;

/** The rate for the `n`-th time (from 1) of a list whose last figure holds for all later times. */
export function rateOfNth(list: readonly number[], n: number): number {
  return list[Math.min(n, list.length) - 1] ?? 0;
}
