/**
 * The records and messages of the durable core: what an instance and an entity are, what can be sent to them and
 * what a step may ask for. Times are epoch milliseconds, payloads are JSON text, never parsed values.
 * Source: durable-host/contract.md C-G (DurableTask.Core history events, extension entity messages).
 */

export type RuntimeStatus =
  'Pending' | 'Running' | 'Completed' | 'ContinuedAsNew' | 'Failed' | 'Canceled' | 'Terminated' | 'Suspended';

/** DurableTask.Core event type numbers. */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationCreated: 7,
  SubOrchestrationCompleted: 8,
  SubOrchestrationFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  GenericEvent: 17,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

/**
 * One history event. `body` is its own JSON members, already as text and ending in a comma; the common members
 * (EventId, IsPlayed, Timestamp) are added when it is written. The rest is what the host's own run looks at.
 */
export interface HistoryEvent {
  type: number;
  eventId: number;
  at: number;
  body: string;
  /** completions: the id of the task, timer or sub-orchestration */
  taskId?: number;
  failed?: boolean;
  /** EventRaised */
  name?: string;
  /** EventRaised input or TaskCompleted result, JSON text */
  value?: string | null;
  /** terminate, suspend, resume */
  reason?: string | null;
}

export interface ParentLink {
  name: string;
  instanceId: string;
  executionId: string;
  taskId: number;
  depth: number;
  version?: string | null;
}

export interface EntityRef {
  name: string;
  key: string;
}

export type EntityMessage =
  | {
      type: 'op';
      name: string | null;
      /** JSON text */
      input: string | null;
      id: string;
      signal: boolean;
      parent: string | null;
      parentExecution: string | null;
      /** not from a client: the sender's stamp, and that of its message before to the same entity */
      stamp?: Stamp;
    }
  | {
      type: 'lock';
      id: string;
      parent: string;
      parentExecution: string;
      lockset: EntityRef[];
      position: number;
      stamp?: Stamp;
    }
  | { type: 'release'; id: string; parent: string };

/** Wire times by which the real host sorts messages between two senders. */
export interface Stamp {
  timestamp: string;
  predecessor: string;
  /** ms; only operations have one */
  requestedAt?: number;
}

export interface StartMessage {
  kind: 'start';
  to: string;
  name: string;
  input: string | null;
  version: string | null;
  executionId: string;
  parent: ParentLink | null;
}

/** `executionId` null: whichever execution is current. */
export interface EventMessage {
  kind: 'event';
  to: string;
  executionId: string | null;
  event: HistoryEvent;
}

export interface EntityEnvelope {
  kind: 'entity';
  to: string;
  message: EntityMessage;
}

export type Message = StartMessage | EventMessage | EntityEnvelope;

/** A message that becomes visible at an instant. */
export interface TimedMessage {
  at: number;
  message: Message;
}

export interface ActivityTask {
  kind: 'activity';
  instanceId: string;
  executionId: string;
  taskId: number;
  name: string;
  /** text of the trigger, null when the call had no input */
  payload: string | null;
  /** set for callHttp: the request, JSON text */
  httpRequest?: string;
}

/** What one step asks of the loop; committed together with the record it changed. */
export interface Effects {
  messages: Message[];
  timed: TimedMessage[];
  activities: ActivityTask[];
}

export interface InboxEntry {
  executionId: string | null;
  event: HistoryEvent;
}

import type { HostRun } from './hostRun';

export interface Instance {
  id: string;
  name: string;
  version: string | null;
  executionId: string;
  status: RuntimeStatus;
  /** JSON text */
  input: string | null;
  /** JSON text, or plain text for failures and reasons */
  output: string | null;
  customStatus: string | null;
  failureDetails: string | null;
  createdAt: number;
  updatedAt: number;
  parent: ParentLink | null;
  depth: number;
  generation: number | null;
  /** events of past episodes as JSON text joined by commas, played where the real host marks them so */
  history: string;
  historyCount: number;
  inbox: InboxEntry[];
  queued: boolean;
  /** the host's replay of the action list; null before the first episode and after the end */
  run: HostRun | null;
}

/** What an entity remembers of its correspondents, in the real host's own form (it is shown by the status query). */
export interface Sorter {
  LastSentToInstance?: Record<string, string>;
  ReceivedFromInstance?: Record<string, { Last: string; ExecutionId?: string }>;
  ReceiveHorizon?: string;
  SendHorizon?: string;
}

export interface EntityRecord {
  id: string;
  name: string;
  key: string;
  exists: boolean;
  /** JSON text */
  state: string | null;
  status: 'Running' | 'Terminated';
  output: string | null;
  lock: { id: string; parent: string } | null;
  inbox: EntityMessage[];
  queued: boolean;
  sorter?: Sorter;
  createdAt: number;
  updatedAt: number;
}

export const isTerminal = (status: RuntimeStatus): boolean =>
  status === 'Completed' || status === 'Failed' || status === 'Terminated' || status === 'Canceled';

export const noEffects = (): Effects => ({ messages: [], timed: [], activities: [] });
