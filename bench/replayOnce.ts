/**
 * A process of its own for `overhead.ts`: replays a recording in the emulator and prints the CPU time it took, in ms. A
 * replay, so that no simulator is in it. With a second argument every trigger payload is written to that file.
 */
import { withHost } from '../cli/host';
import { runCampaign } from '../cli/runCampaign';
import { readRecording } from '../services/recording';

const [folder = '', captureTo] = process.argv.slice(2);

void withHost(
  async (host) => {
    const { campaign, rosterCsv, inputs, files, initial } = readRecording(folder);
    const outside = { mode: 'replay', campaign, inputs, files, initial } as const;
    await runCampaign({ host, campaign, roster: async () => rosterCsv, outside, stepDays: 7, onStep: () => undefined });
  },
  captureTo === undefined ? {} : { captureTo },
).then(() => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${(user + system) / 1000}\n`);
});
