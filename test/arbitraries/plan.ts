/**
 * What a random recording is made of, before it is written down: small numbers and indices that fast-check can shrink.
 * Days count from `startsOn`, minutes from 00:00 of that day in the organisation's zone.
 */
export interface When {
  day: number;
  minute: number;
  second: number;
}

export interface PersonPlan {
  zone: number;
  vip: boolean;
  risk: number;
  /** Reuses the number of an earlier patient. */
  sharesPhone: boolean;
  bad: 'none' | 'phone' | 'language' | 'category' | 'birthDate' | 'edVisits12m';
  consent: 'OPT_IN' | 'OPT_OUT' | 'none';
}

export interface RowPlan {
  person: number;
  action: 'OPT_IN' | 'OPT_OUT' | 'MAYBE';
  /** Hours from the file's arrival to `effectiveAt`; above 0 the row comes ahead of time. */
  effectiveHours: number;
  wrongPhone: boolean;
  stranger: boolean;
}

export interface FilePlan {
  day: number;
  fate: 'good' | 'none' | 'late' | 'cut' | 'corrected' | 'twice' | 'early';
  minute: number;
  rows: RowPlan[];
}

export interface ReplyPlan extends When {
  person: number;
  text: string;
  repeated: boolean;
  stranger: boolean;
}

export interface ReceiptPlan extends When {
  person: number;
  wave: number;
  touch: number;
  adaptiveDay: number;
  status: 'DELIVERED' | 'UNDELIVERED';
  code: 'LANDLINE' | 'UNKNOWN_NUMBER' | 'BLOCKED' | 'OTHER' | 'none';
  repeated: boolean;
}

export interface VisitPlan extends When {
  person: number;
  end: 'none' | 'cancelled' | 'attended' | 'missed';
  endsAfterHours: number;
  repeated: boolean;
  /** Only the last event comes, of an appointment nobody booked. */
  unknown: boolean;
}

export interface SpellPlan {
  day: number;
  firstHour: number;
  hours: { offered: number; lost: number; slow: number; hasBase: boolean }[];
}

export interface PausePlan extends When {
  hours: number;
}

export interface PolicyPlan extends When {
  change: Record<string, unknown>;
}

export interface InitialPlan {
  kind: 'preference' | 'stop' | 'text' | 'booking';
  person: number;
  hoursBefore: number;
  status: 'OPT_IN' | 'OPT_OUT';
}

export interface RecordingPlan {
  campaign: {
    startsOn: string;
    timeZone: number;
    weeks: number;
    postPilotWeeks: number;
    weeklyThreshold: number;
    sendDays: string[];
    skipDays: number[];
    sendWindow: { from: string; to: string };
    touches: number[];
    caps: { perDay: number; perSevenDays: number };
    requireFreshPreferences: boolean;
    preferencesDeadline: string;
    capacityPerDay: number;
    forecast: number[];
    callsPerTextPrior: number;
    floorPerDay: number;
    hoursPerDay: number;
    adaptive: { touchesMax: number; minDaysBetween: number };
    seed: number;
  };
  people: PersonPlan[];
  files: FilePlan[];
  replies: ReplyPlan[];
  receipts: ReceiptPlan[];
  visits: VisitPlan[];
  spells: SpellPlan[];
  pauses: PausePlan[];
  policies: PolicyPlan[];
  cancel: When | null;
  initial: InitialPlan[];
}

export const ZONES = [
  'America/Chicago',
  'America/New_York',
  'America/Phoenix',
  'Pacific/Honolulu',
  'America/Los_Angeles',
  'Asia/Kolkata',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Pacific/Kiritimati',
  'UTC',
];

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
