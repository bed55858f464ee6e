/**
 * What Azure bills of a pilot, counted: the built-in pilot in memory, its host, its bus and its outputs asked afterwards.
 * The same code gives the same counts on every machine. As a process of its own, `node dist/bench/countPilot.js 1000`
 * prints them as JSON for infra/cost.mjs, which puts them into docs/cost.md; nothing in that says how long anything took.
 */
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Host, HostStats } from 'durable-emulator';
import { builtIn } from '../cli/commands';
import { withHost } from '../cli/host';
import { runCampaign, type RunResult } from '../cli/runCampaign';
import { DEFAULT_PRACTICE, readCampaign, type Campaign } from '../domain/policy';
import type { Report } from '../domain/report';
import { createRosterCsv } from '../simulator/roster';
import type { Traffic } from './countingOutside';

export interface Count {
  readonly name: string;
  readonly value: number;
  /** Where it is from, as Markdown. */
  readonly from: string;
}

const OUTSIDE = path.join(__dirname, 'countingOutside.js');

async function countPilot(patients: number): Promise<Count[]> {
  const { campaign } = readCampaign(builtIn(patients), DEFAULT_PRACTICE);
  const { seed, startsOn } = campaign;
  return withHost(
    async (host) => {
      const result = await runCampaign({
        host,
        campaign,
        roster: async () => createRosterCsv({ patients, seed, startsOn }),
        outside: { mode: 'simulate', campaign },
        stepDays: 7,
        onStep: () => undefined,
      });
      return countsOf(await host, campaign, result);
    },
    { outside: OUTSIDE },
  );
}

async function countsOf(host: Host, campaign: Campaign, result: RunResult): Promise<Count[]> {
  const stats: HostStats = await host.stats();
  const { queues, domainEvents, smsRequests } = (await host.call('traffic')) as Traffic;
  const report = JSON.parse(result.outputs['report.json']!) as Report;
  const ledger = parse(result.outputs['ledger.csv']!, { columns: true }) as { segments: string }[];
  const sent = (queue: keyof Traffic['queues']) => queues[queue] ?? 0;
  const otherInputs = sent('call-intervals') + sent('appointment-events');
  const row = (name: string, value: number, from: string): Count => ({ name, value, from });
  return [
    row('patients', report.roster.accepted, '`report.json`, roster.accepted'),
    row('weeks', campaign.weeks + campaign.postPilotWeeks, 'five of the pilot and four adaptive ones'),
    row(
      'textSegments',
      ledger.reduce((sum, { segments }) => sum + Number(segments), 0),
      '`ledger.csv`, sum of segments: invitations, follow-ups, answers',
    ),
    row('outboundTexts', sent('outbound-texts'), 'messages on `outbound-texts`: orders of texts and answers'),
    row('incomingTexts', sent('sms-replies'), 'messages on `sms-replies`'),
    row('receipts', sent('sms-receipts'), 'messages on `sms-receipts`'),
    row('otherInputs', otherInputs, 'messages on `call-intervals` and `appointment-events`'),
    row('domainEvents', domainEvents, 'events on the topic `domain-events`'),
    row('appOperations', report.runtime.storageOperations, "the app's own requests to tables and blobs"),
    row('durableMessages', stats.messages, 'host, messages: starts, events, completions, entity messages, timers'),
    row(
      'durableCommits',
      stats.commits,
      "host, commits: an orchestrator's episode, an entity's batch, an activity's end",
    ),
    row('replays', stats.replays, 'host, replays: calls of an orchestrator function, each billed as one'),
    row('activities', stats.activities, 'host, activities'),
    row('entityTurns', stats.entityTurns, 'host, entityTurns'),
    row('httpRequests', stats.httpRequests - smsRequests, 'host, httpRequests without replies and receipts'),
  ];
}

void countPilot(Number(process.argv[2])).then((counts) => process.stdout.write(`${JSON.stringify(counts)}\n`));
