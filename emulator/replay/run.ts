/**
 * Replays one recorded execution against an orchestrator: each episode's payload is put to today's code as the host would
 * put it, its answer goes through the host's own step (core/episode), and what that schedules is held against what was
 * recorded. Stops at the first event that differs. Leaves out loading the app (worker) and reading files (historyFile).
 */
import { episodePayload, finishEpisode, type Answer, type EpisodeHost } from '../core/episode';
import type { Instance } from '../core/types';
import { difference, eventLine, remark, requestIds } from './compare';
import { coreEvent, episodesOf, type Episode, type RawEvent } from './events';
import type { RecordedHistory } from './historyFile';

export interface ReplayDifference {
  /** counted from 1 */
  episode: number;
  /** position in the recorded history, counted from 1; null when nothing was recorded there */
  event: number | null;
  why: string;
  recorded: string | null;
  now: string | null;
  /** what both did before, and what had just arrived, oldest first */
  before: string[];
  /** what the recording goes on with */
  after: string[];
}

export interface ReplayResult {
  instanceId: string;
  name: string;
  episodes: number;
  events: number;
  same: boolean;
  difference: ReplayDifference | null;
  /** differences that an instance in flight would not notice */
  remarks: string[];
}

/** What an app has to offer for a replay. */
export interface ReplayApp {
  has(kind: 'activity' | 'orchestration' | 'entity', name: string): boolean;
  ask(name: string, payload: string): Promise<Answer>;
}

const BEFORE_SHOWN = 4;
const AFTER_SHOWN = 3;
const REMARKS_MAX = 20;

/** `exact`: remarks count as differences. */
export async function replayOne(h: RecordedHistory, app: ReplayApp, exact: boolean): Promise<ReplayResult> {
  const run = new Replay(h, app, exact);
  const found = await run.first();
  return {
    instanceId: h.instanceId,
    name: h.name,
    episodes: run.episodes.length,
    events: h.events.length,
    same: found === null,
    difference: found,
    remarks: run.remarks,
  };
}

class Replay {
  readonly episodes: Episode[];
  readonly remarks: string[] = [];
  private readonly instance: Instance;
  private readonly host: EpisodeHost;
  private readonly rest: { event: RawEvent; position: number }[];
  private extra: RawEvent[] = [];
  private readonly trail: string[] = [];
  private terminated = false;
  /** each recorded event as JSON text */
  private readonly texts: string[];
  /** events may stand in another episode than the one that made them: rewound or rebuilt histories */
  private readonly loose: boolean;

  constructor(
    private readonly h: RecordedHistory,
    private readonly app: ReplayApp,
    private readonly exact: boolean,
  ) {
    this.episodes = episodesOf(h.events);
    const position = new Map(h.events.map((e, i) => [e, i + 1]));
    this.rest = this.episodes.flatMap((p) =>
      p.scheduled.map((event) => ({ event, position: position.get(event) ?? 0 })),
    );
    this.loose = h.approximate || h.events.some((e) => e.EventType === 17 || e.EventType === 21);
    this.texts = h.events.map((e) => JSON.stringify(e));
    this.instance = newInstance(h, this.episodes[0]?.now ?? 0);
    this.host = hostOf(h, app, requestIds(h.events));
  }

  private get isGone(): boolean {
    return !this.app.has('orchestration', this.h.name);
  }

  async first(): Promise<ReplayDifference | null> {
    for (const [i, episode] of this.episodes.entries()) {
      this.extra.push(...(await this.play(i, episode)));
      const last = i === this.episodes.length - 1;
      const unknown = last && (this.h.open || !episode.finished) && episode.scheduled.length === 0;
      const found = this.match(i, episode, last, unknown);
      if (found) return found;
      if (this.terminated) break;
    }
    return null;
  }

  /** One episode of today's code; returns what it schedules, and how the instance ends if it does. */
  private async play(index: number, episode: Episode): Promise<RawEvent[]> {
    const { instance, h } = this;
    instance.history = this.texts.slice(0, episode.start).join(',');
    const input = { now: episode.now, events: episode.delivered.map(coreEvent) };
    for (const e of episode.delivered) this.trail.push(`  ${eventLine(e)}`);
    this.terminated ||= episode.delivered.some((e) => e.EventType === 3);
    const closed = index === 0 && episode.closed;
    const payload = episodePayload(instance, input, closed);
    const answer = this.isGone ? gone(h.name) : await this.app.ask(h.name, payload);
    instance.history = '';
    const outcome = finishEpisode(instance, input, answer, this.host, closed);
    if (outcome.next) return [continued(episode, outcome.next.length)];
    const made = JSON.parse(`[${instance.history}]`) as RawEvent[];
    return episodesOf(made).flatMap((p) => p.scheduled);
  }

  private match(index: number, episode: Episode, last: boolean, unknown: boolean): ReplayDifference | null {
    while (this.extra.length > 0 && this.rest.length > 0) {
      const recorded = this.rest[0] as { event: RawEvent; position: number };
      const now = this.extra[0] as RawEvent;
      if (!this.loose && !episode.scheduled.includes(recorded.event)) break;
      const why = difference(recorded.event, now) ?? this.noted(recorded.event, now);
      if (why !== null) return this.differs(index, why);
      this.trail.push(`= ${eventLine(recorded.event)}`);
      this.rest.shift();
      this.extra.shift();
    }
    if (unknown || this.terminated || (this.loose && !last)) return null;
    const owed = this.loose ? this.rest[0]?.event : this.rest.find((r) => episode.scheduled.includes(r.event))?.event;
    if (owed) return this.differs(index, this.whyNothing(owed));
    if (this.extra.length > 0 && !this.isEndOfOpen(last))
      return this.differs(index, 'nothing was scheduled there then');
    return null;
  }

  private isEndOfOpen(last: boolean): boolean {
    return last && this.h.open;
  }

  /** A remark is kept, or is the difference when everything must be equal. */
  private noted(recorded: RawEvent, now: RawEvent): string | null {
    const text = remark(recorded, now, this.h.approximate);
    if (text === null || this.exact) return text;
    if (this.remarks.length < REMARKS_MAX) this.remarks.push(text);
    return null;
  }

  private whyNothing(owed: RawEvent): string {
    const kind = owed.EventType === 4 ? 'activity' : owed.EventType === 7 ? 'orchestration' : null;
    const name = String(owed.Name);
    if (kind && !name.startsWith('BuiltIn::') && !this.app.has(kind, name)) {
      return `the app has no ${kind === 'activity' ? 'activity' : 'orchestrator'} '${name}' any more`;
    }
    return 'the orchestrator does not do it now';
  }

  private differs(index: number, why: string): ReplayDifference {
    const recorded = this.rest.find((r) => this.loose || this.episodes[index]?.scheduled.includes(r.event));
    const now = this.extra[0];
    const later = this.rest.slice(recorded ? this.rest.indexOf(recorded) + 1 : 0);
    return {
      episode: index + 1,
      event: recorded?.position ?? null,
      why: this.isGone ? `the app has no orchestrator '${this.h.name}' any more` : why,
      recorded: recorded ? eventLine(recorded.event) : null,
      now: now ? eventLine(now) : null,
      before: this.trail.slice(-BEFORE_SHOWN),
      after: later.slice(0, AFTER_SHOWN).map((r) => eventLine(r.event)),
    };
  }
}

/** What a host makes of an orchestrator that it does not have. */
const gone = (name: string): Answer => ({
  actions: [],
  isDone: false,
  broken: `The function '${name}' doesn't exist.`,
});

const continued = (episode: Episode, events: number): RawEvent => ({
  EventType: 1,
  EventId: -1,
  Timestamp: new Date(episode.now).toISOString(),
  OrchestrationStatus: 'ContinuedAsNew',
  Result: `${events - 1} events carried over`,
});

function hostOf(h: RecordedHistory, app: ReplayApp, ids: string[]): EpisodeHost {
  let invented = 0;
  return {
    guid: () => ids.shift() ?? `now-${++invented}`,
    plainGuid: () => `now${++invented}`,
    strict: h.strict,
    customStatusMaxKb: 16,
    hasActivity: (name) => app.has('activity', name),
    hasOrchestrator: (name) => app.has('orchestration', name),
    hasEntity: (name) => app.has('entity', name),
    timerEarlyMs: () => 0,
  };
}

function newInstance(h: RecordedHistory, at: number): Instance {
  const parentId = h.parentInstanceId;
  return {
    id: h.instanceId,
    name: h.name,
    version: h.version,
    executionId: h.executionId,
    status: 'Pending',
    input: h.input,
    output: null,
    customStatus: null,
    failureDetails: null,
    createdAt: at,
    updatedAt: at,
    parent: parentId === null ? null : { name: '', instanceId: parentId, executionId: '', taskId: 0, depth: 0 },
    depth: parentId === null ? 0 : 1,
    generation: null,
    history: '',
    historyCount: 0,
    inbox: [],
    queued: false,
    run: null,
  };
}
