/**
 * Defects of comparable systems (end of domain-rules.md) between campaigns and over restarts: an opt-out in one campaign
 * reaches the others, and caps belong to the person, in durable state, not to a campaign or a process.
 */
import path from 'node:path';
import { parseCampaign } from '../../domain/policy';
import { startHost } from 'durable-emulator';
import { january, optedIn, phoneOf, ROOT, rosterOf, rowsOf, runRecording, SMALL, textsOf } from '../app/harness';

interface Progress {
  readonly sent: number;
  readonly refused: Record<string, number>;
}

describe('two campaigns that share patients', () => {
  let atNight: { a: Progress; b: Progress };
  let atEnd: { a: Progress; b: Progress };

  // a: P1 P3 P5; b: P1 P2 P4 P5, where P2 is reached on the number of P1. STOP from that number before any text.
  beforeAll(async () => {
    const a = parseCampaign({ ...SMALL, campaignId: 'a' });
    const b = parseCampaign({ ...SMALL, campaignId: 'b' });
    const phones = { P1: phoneOf(0), P2: phoneOf(0), P3: phoneOf(2), P4: phoneOf(3), P5: phoneOf(4) };
    const people = (...ids: (keyof typeof phones)[]) =>
      ids.map((patientId) => ({ patientId, phone: phones[patientId] }));
    const inputs = [
      { at: january(5, '08:30'), type: 'sms.reply', from: phoneOf(0), text: 'Stop texting me!', replyId: 'r1' },
    ];
    const options = { mode: 'replay', campaign: a, inputs, files: {}, initial: optedIn(...Object.keys(phones)) };
    const host = await startHost({
      app: ROOT,
      clock: 'manual',
      startAt: january(4, '12:00'),
      port: 0,
      outside: { module: path.join(ROOT, 'dist', 'simulator', 'outside.js'), options },
    });
    const url = `${host.url}/api/campaigns`;
    const progress = async (id: string) => (await (await fetch(`${url}/${id}`)).json()) as Progress;
    try {
      await fetch(`${url}/a/roster`, { method: 'PUT', body: rosterOf(people('P1', 'P3', 'P5')) });
      await fetch(`${url}/b/roster`, { method: 'PUT', body: rosterOf(people('P1', 'P2', 'P4', 'P5')) });
      await host.call('begin', '');
      await fetch(`${url}/a/start`, { method: 'POST', body: JSON.stringify(a) });
      await fetch(`${url}/b/start`, { method: 'POST', body: JSON.stringify(b) });
      await host.advanceTo(january(5, '23:00'));
      atNight = { a: await progress('a'), b: await progress('b') };
      await host.advanceTo(january(12, '00:01'));
      atEnd = { a: await progress('a'), b: await progress('b') };
    } finally {
      await host.stop();
    }
  });

  it('an opt-out reaches every campaign and every patient on the number', () => {
    expect([atEnd.a.refused, atEnd.b.refused]).toEqual([{ OPTED_OUT: 1 }, { OPTED_OUT: 2 }]);
  });

  it('the cap of one text a day counts the texts of both', () => {
    expect(atNight.a.sent + atNight.b.sent).toBe(3);
  });

  it('the other campaign texts once the person may be texted again', () => {
    expect([atEnd.a.sent, atEnd.b.sent]).toEqual([2, 2]);
  });
});

describe('caps survive whatever process counts them', () => {
  it('a text sent before this system started counts for 168 hours, to the second', async () => {
    const run = await runRecording({
      campaign: { caps: { perSevenDays: 1 } },
      patients: [{}, {}],
      initial: [
        ...optedIn('P1', 'P2'),
        { type: 'text', patientId: 'P1', sentAt: '2025-12-30T10:30:00-06:00' },
        { type: 'text', patientId: 'P2', sentAt: '2025-12-28T10:30:00-06:00' },
      ],
    });
    expect(textsOf(run, 'P2').map((row) => row['sentAt']!.slice(0, 10))).toEqual(['2026-01-05']);
    const [text] = textsOf(run, 'P1');
    expect(text!['sentAt']! >= january(6, '10:30')).toBe(true);
    expect(text!['plannedFor']).toBe('2026-01-05');
  });

  it('what was granted stands in the durable state of the patient', async () => {
    const run = await runRecording({ patients: [{}], initial: optedIn('P1') });
    const states = JSON.stringify(run.dump.entities);
    expect(states).toContain(rowsOf(run, 'P1')[0]!['messageId']);
  });
});
