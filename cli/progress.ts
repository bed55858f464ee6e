/** Progress of a run: on a terminal a display that is redrawn each virtual day, elsewhere one line a week. */
import pc from 'picocolors';
import type { CampaignStatus } from '../activities/status';

export interface Progress {
  /** Virtual days between two calls of `show`. */
  readonly stepDays: number;
  show(status: CampaignStatus): void;
}

export const silent: Progress = { stepDays: 7, show: () => undefined };

/** `weeks`: of the whole campaign, both phases. */
export function progressOn(stream: NodeJS.WriteStream, weeks: number): Progress {
  return stream.isTTY
    ? redrawn(stream, weeks)
    : { stepDays: 7, show: (status) => void stream.write(`${weekLine(status, weeks)}\n`) };
}

function weekLine(status: CampaignStatus, weeks: number): string {
  if (status.phase === 'ENDED') return `ended          ${counts(status)}`;
  return `week ${status.week}/${weeks} ${status.phase.toLowerCase().padEnd(8)} ${counts(status)}`;
}

function counts(status: CampaignStatus): string {
  const { admitted, sent, delivered, booked, optedOut } = status;
  return `admitted ${admitted}, texts ${sent}, delivered ${delivered}, refused ${refusedOf(status)}, booked ${booked}, opted out ${optedOut}`;
}

function refusedOf(status: CampaignStatus): number {
  return Object.values(status.refused).reduce((sum, n) => sum + n, 0);
}

const LINES = 6;

function redrawn(stream: NodeJS.WriteStream, weeks: number): Progress {
  let drawn = false;
  return {
    stepDays: 1,
    show(status) {
      if (drawn) stream.write(`\u001b[${LINES}A`);
      drawn = true;
      for (const line of display(status, weeks)) stream.write(`\u001b[2K${line}\n`);
    },
  };
}

function display(status: CampaignStatus, weeks: number): string[] {
  const { throttle, calls } = status;
  const done = Math.round((status.week / weeks) * 30);
  const bar = pc.cyan('█'.repeat(done)) + pc.dim('░'.repeat(30 - done));
  const load = calls ? `${calls.offered} of ${calls.capacity} calls` : 'no calls today';
  const throttled = throttle
    ? `left ${throttle.left} of ${throttle.budget}, halved ${throttle.halvings}×, ${throttle.callRate} calls a text`
    : 'day not open';
  return [
    `${bar} week ${pc.bold(String(status.week))} of ${weeks}, ${status.phase.toLowerCase()}, ${status.day}${status.paused ? pc.yellow(' paused') : ''}`,
    `  admitted  ${pc.bold(String(status.admitted))}`,
    `  texts     ${pc.bold(String(status.sent))} (delivered ${status.delivered}, refused ${refusedOf(status)})`,
    `  bookings  ${pc.green(pc.bold(String(status.booked)))}, opted out ${status.optedOut}`,
    `  calls     ${load}`,
    `  throttle  ${throttled}`,
  ];
}
