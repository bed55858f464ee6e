/**
 * What /admin answers about instances, as the page at /runtime/ui reads it. Types alone; all instants are epoch ms on the
 * host's clock. Inputs, outputs and states are never part of these: they are asked for one by one.
 */

export interface InstanceRow {
  id: string;
  kind: 'orchestration' | 'entity';
  name: string;
  status: string;
  createdAt: number;
  updatedAt: number;
  parentId: string | null;
}

export interface InstancePage {
  items: InstanceRow[];
  /** continuation token, null on the last page */
  next: string | null;
  /** 'created': newest first; 'id': there are too many to be sorted by time */
  order: 'created' | 'id';
  /** the search stopped early: there may be more matches behind `next` */
  partial: boolean;
}

export interface Counts {
  byStatus: Record<string, number>;
  orchestrations: number;
  entities: number;
  /** false when there were too many to be counted */
  complete: boolean;
}

export interface InstanceFacts extends InstanceRow {
  executionId: string | null;
  version: string | null;
  generation: number | null;
  historyEvents: number;
  /** characters of JSON text, null when there is none */
  inputChars: number | null;
  outputChars: number | null;
  customStatusChars: number | null;
  /** entities: who holds the lock, and messages that wait */
  lockedBy: string | null;
  waiting: number;
}

export type SpanKind = 'activity' | 'timer' | 'sub' | 'entity' | 'lock' | 'signal' | 'http';
export type SpanState = 'completed' | 'failed' | 'open' | 'unheard' | 'sent';

/** Something that took time, from scheduling to its answer. */
export interface Span {
  /** task id */
  id: number;
  kind: SpanKind;
  name: string;
  /** child instance or entity */
  target: string | null;
  from: number;
  /** null while open */
  to: number | null;
  /** of timers: the instant they are set to */
  dueAt: number | null;
  state: SpanState;
  /** episodes in which it was scheduled and answered, from 0 */
  fromStep: number;
  toStep: number | null;
  /** positions in the history, from 0 */
  event: number;
  endEvent: number | null;
}

export interface Mark {
  at: number;
  kind: 'event' | 'suspended' | 'resumed' | 'terminated' | 'rewound';
  name: string;
  step: number;
  event: number;
}

export interface Timeline {
  from: number;
  /** end of the instance, or the host's now */
  to: number;
  ended: boolean;
  spans: Span[];
  spansTotal: number;
  marks: Mark[];
  marksTotal: number;
  /** instants at which the orchestrator ran, the first EPISODES_MAX of them */
  episodes: number[];
  episodesTotal: number;
}

export interface EventRow {
  index: number;
  type: string;
  at: number;
  /** task id, or that of the task it answers */
  taskId: number | null;
  name: string;
  /** members that hold data, to be asked for */
  data: boolean;
}

export interface EventPage {
  items: EventRow[];
  total: number;
}

export interface ClockReading {
  now: string;
  mode: 'auto' | 'manual' | 'real';
}

/** As the real host describes a function. */
export interface FunctionRow {
  name: string;
  invoke_url_template: string | null;
  config: { bindings: { type: string; methods?: string[]; [member: string]: unknown }[] };
  isDisabled: boolean;
}

export interface EntityRow {
  id: string;
  name: string;
  key: string;
  exists: boolean;
  status: string;
  updatedAt: number;
  stateChars: number;
  waiting: number;
  lockedBy: string | null;
}

export interface EntityPage {
  items: EntityRow[];
  next: string | null;
}
