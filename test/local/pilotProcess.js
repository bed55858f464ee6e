/**
 * A pilot in a process of its own, to be killed at any moment and started again with the same arguments: the durable
 * host keeps itself in a data folder, the product its rows in the Azurite whose connection is given. Says `day` with each
 * day that it has lived, and `done` at the end.
 */
/* eslint-disable @typescript-eslint/no-require-imports -- plain CommonJS, to be forked. */
const path = require('node:path');
const { startHost } = require('durable-emulator');

const ROOT = path.resolve(__dirname, '..', '..');
const dist = (file) => require(path.join(ROOT, 'dist', file));
const { addDays, startOfDate } = dist('domain/calendar.js');
const { endsAtMs, startsAtMs } = dist('domain/schedule.js');
const { readRecording } = dist('services/recording.js');

const HOUR_MS = 3_600_000;

async function main({ data, recording, connection }) {
  const { campaign, rosterCsv, inputs, files } = readRecording(recording);
  const id = campaign.campaignId;
  const host = await startHost({
    app: ROOT,
    clock: 'manual',
    startAt: new Date(startsAtMs(campaign) - 10 * HOUR_MS),
    port: 0,
    data,
    outside: { module: path.join(ROOT, 'dist', 'simulator', 'outside.js') },
    env: { VIP_STORAGE: 'azure', AZURE_STORAGE_CONNECTION: connection, AzureWebJobsStorage: connection },
  });
  const fromMs = (await host.now()).getTime();
  await host.call('play', { mode: 'replay', campaign, inputs, files, initial: [], fromMs });
  await begin(host, campaign, rosterCsv);
  for (let date = campaign.startsOn; ; date = addDays(date, 1)) {
    const eveMs = startOfDate(date, campaign.timeZone) - 1;
    if (eveMs > (await host.now()).getTime()) await host.advanceTo(new Date(eveMs));
    process.send({ day: date });
    if (eveMs >= endsAtMs(campaign)) break;
  }
  await host.advanceTo(new Date(endsAtMs(campaign) + 12 * HOUR_MS));
  const status = await host.client.getStatus(id);
  await host.stop();
  process.send({ done: status.runtimeStatus });
  process.disconnect();
}

/** Roster in and campaign started, whatever an earlier process had done of it. */
async function begin(host, campaign, rosterCsv) {
  const url = `${host.url}/api/campaigns/${campaign.campaignId}`;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    if ((await fetch(url)).status === 200) return;
    await fetch(`${url}/roster`, { method: 'PUT', body: rosterCsv, headers: { 'content-type': 'text/csv' } });
    const response = await fetch(`${url}/start`, { method: 'POST', body: JSON.stringify(campaign) });
    if (response.status === 202) return;
    // A start that was cut off is taken over after some minutes.
    await host.advance('6m');
  }
  throw new Error('the campaign could not be started');
}

main(JSON.parse(process.argv[2])).catch((error) => {
  console.error(error);
  process.exit(1);
});
