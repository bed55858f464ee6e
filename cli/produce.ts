/** A finished run as the files of its output folder: outputs, report and recording. */
import type { Campaign } from '../domain/policy';
import type { Report, WorklistRow } from '../domain/report';
import { renderReport } from '../report/html';
import { warmUp } from '../report/warmUp';
import { readCsv } from '../services/csv';
import { recordingJson } from '../services/recording';
import type { RunResult } from './runCampaign';

export interface Produced {
  readonly report: Report;
  readonly worklist: readonly WorklistRow[];
  readonly files: Readonly<Record<string, string>>;
}

export { warmUp };

/** `recording`: the files of the recording folder, without recording.json. */
export function produce(
  result: RunResult,
  campaign: Campaign,
  recording: Readonly<Record<string, string>>,
  simulated: boolean,
): Produced {
  const { report, files } = produceData(result, campaign, recording, simulated);
  const worklist = worklistOf(result.outputs['worklist.csv'] ?? '');
  return { report, worklist, files: { ...files, 'report.html': renderReport(report, worklist) } };
}

/** As `produce`, without the page for a person. */
export function produceData(
  result: RunResult,
  campaign: Campaign,
  recording: Readonly<Record<string, string>>,
  simulated: boolean,
): Pick<Produced, 'report' | 'files'> {
  const report: Report = { ...(JSON.parse(result.outputs['report.json'] ?? '') as Report), runtime: result.runtime };
  const files: Record<string, string> = {
    ...result.outputs,
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'recording/recording.json': recordingJson(campaign, simulated),
  };
  for (const [name, content] of Object.entries(recording)) files[`recording/${name}`] = content;
  return { report, files };
}

function worklistOf(csv: string): WorklistRow[] {
  const file = readCsv(csv);
  if ('error' in file) return [];
  return file.records.map(({ fields: [patientId = '', tier = '3', reason = '', since = ''] }) => ({
    patientId,
    tier: Number(tier) as WorklistRow['tier'],
    reason: reason as WorklistRow['reason'],
    since,
  }));
}
