/** Bad usage and bad input of `vip` (formats.md, "Command line"): exit 2, everything wrong on stderr, nothing written. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { january, optedIn, rosterOf } from '../app/harness';
import { scratch, vip } from './support';

const folder = scratch();
const out = path.join(folder, 'out');
const at = (name: string) => path.join(folder, name);
const write = (name: string, content: string) => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
  return at(name);
};

afterEach(() => expect(existsSync(out)).toBe(false));

describe('bad usage', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown option', ['pilot', '--colour', 'red'], /unknown option '--colour'/],
    ['an unknown command', ['launch'], /unknown command 'launch'/],
    ['a command that is not built yet', ['compare', 'a', 'b'], /unknown command 'compare'/],
    ['an option that is not built yet', ['replay', 'a', '--policy', 'b', '--out', out], /unknown option '--policy'/],
    ['an unknown storage', ['pilot', '--storage', 'floppy', '--out', out], /--storage.*floppy/],
    ['an unknown bus', ['pilot', '--bus', 'pigeon', '--out', out], /--bus.*pigeon/],
    ['a number that is none', ['pilot', '--patients', 'ten', '--out', out], /--patients.*integer/],
    ['no patients at all', ['pilot', '--patients', '0', '--out', out], /--patients.*integer/],
    ['a seed below 0', ['pilot', '--seed', '-1', '--out', out], /--seed/],
    [
      'a campaign file that is missing',
      ['pilot', '--campaign', at('none.json'), '--out', out],
      /--campaign.*none\.json/,
    ],
    ['a roster file that is missing', ['pilot', '--roster', at('none.csv'), '--out', out], /--roster.*none\.csv/],
    [
      'a campaign that is a folder',
      ['pilot', '--campaign', folder, '--out', out],
      /--campaign: .*a file, not a folder/,
    ],
    ['a roster that is a folder', ['pilot', '--roster', folder, '--out', out], /--roster: .*a file, not a folder/],
    [
      'a roster to be written where there is no folder',
      ['roster', '--patients', '3', '--seed', '1', '--out', at('none/r.csv')],
      /--out: .*a folder that exists/,
    ],
    [
      'a roster to be written over a folder',
      ['roster', '--patients', '3', '--seed', '1', '--out', folder, '--force'],
      /--out: .*a file, not a folder/,
    ],
    ['a recording that is missing', ['replay', at('none'), '--out', out], /RECORDING.*none/],
    ['a replay without --out', ['replay', folder], /--out/],
    ['a roster without --seed', ['roster', '--patients', '3', '--out', out], /--seed/],
    ['--roster and --patients together', ['pilot', '--roster', 'r', '--patients', '3', '--out', out], /--patients/],
    ['a clock that is none', ['serve', '--clock', 'sundial'], /--clock.*sundial/],
    ['a port out of range', ['serve', '--port', '70000'], /--port/],
  ])('%s: exit 2, on stderr', async (_, args, message) => {
    const { code, stdout, stderr } = await vip(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('--help of vip and of each command: exit 0, and nothing of what is not built', async () => {
    const [all, ...each] = await Promise.all(
      [['--help'], ['pilot', '--help'], ['replay', '--help'], ['roster', '--help'], ['serve', '--help']].map((args) =>
        vip(args),
      ),
    );
    for (const { code, stderr } of [all!, ...each]) expect([code, stderr]).toEqual([0, '']);
    for (const command of ['pilot', 'replay', 'roster', 'serve']) expect(all!.stdout).toContain(`  ${command} `);
    const said = [all!, ...each].map(({ stdout }) => stdout).join('');
    expect(said).not.toMatch(/compare|--policy/);
    const [, ...ofCommands] = each;
    for (const { stdout } of ofCommands) expect(stdout).toMatch(/--json[^]*--quiet/);
  });
});

describe('bad input', () => {
  it('a campaign with many problems: all of them, each with field, value and expectation', async () => {
    const campaign = write('bad.json', '{"campaignId":"x y","startsOn":"2026-01-05","weeks":99,"colour":"red"}');
    const { code, stderr } = await vip(['pilot', '--campaign', campaign, '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toContain('campaignId: got "x y", expected an id of 1 to 64 letters, digits and hyphens');
    expect(stderr).toContain('weeks: got 99, expected an integer from 1 to 52');
    expect(stderr).toContain('colour: got "red", expected no field of this name');
  });

  it('a campaign that is no JSON', async () => {
    const { code, stderr } = await vip(['pilot', '--campaign', write('text.json', 'hello'), '--out', out]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('text.json')]);
  });

  it('a roster that cannot be used: every problem, and nothing personal', async () => {
    const [header, row] = rosterOf([{}]).split('\n');
    const roster = write('twice.csv', [header, row, row, ''].join('\n'));
    const campaign = write('campaign.json', '{"campaignId":"c","startsOn":"2026-01-05"}');
    const { code, stdout, stderr } = await vip([
      'pilot',
      '--campaign',
      campaign,
      '--roster',
      roster,
      '--out',
      out,
      '--quiet',
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('P1');
    expect(stderr).not.toMatch(/zvurk|quovzd|555100|1950/i);
  });

  it('an output folder that is not empty, and a file in its place', async () => {
    write('full/note.txt', 'mine');
    for (const args of [
      ['pilot', '--out', at('full')],
      ['pilot', '--out', at('full/note.txt'), '--force'],
    ]) {
      const { code, stderr } = await vip(args);
      expect([code, stderr]).toEqual([2, expect.stringContaining('--out')]);
    }
    expect(readdirSync(at('full'))).toEqual(['note.txt']);
  });

  it('a recording: every bad line of inputs.jsonl by its number, every missing file by its name', async () => {
    const lines = [
      { at: january(5, '10:00'), type: 'control.pause', by: 'lead' },
      { at: january(5, '09:59'), type: 'control.resume', by: 'lead' },
      { at: january(6, '09:00'), type: 'sms.call' },
      'not json',
      { at: january(6, '09:00'), type: 'sms.reply', from: '12345', text: 'x', replyId: 'r' },
      { at: january(6, '09:00'), type: 'control.policy', by: 'lead', policy: { weeks: 3 } },
      { at: january(6, '09:00'), type: 'preferences.file', file: 'preferences-2026-01-06.csv' },
    ];
    write('recording/campaign.json', '{"campaignId":"c","startsOn":"2026-01-05","weeks":0}');
    write('recording/roster.csv', rosterOf([{}]));
    write('recording/initial.jsonl', `${JSON.stringify(optedIn('P1')[0])}\n{"type":"text"}\n`);
    write(
      'recording/inputs.jsonl',
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    );
    const { code, stderr } = await vip(['replay', at('recording'), '--out', out]);
    expect(code).toBe(2);
    for (const place of [2, 3, 4, 5, 6, 7].map((line) => `inputs.jsonl line ${line}`)) expect(stderr).toContain(place);
    expect(stderr).not.toMatch(/inputs\.jsonl line 1/);
    expect(stderr).toContain('campaign.json: weeks');
    expect(stderr).toContain('inputs.jsonl line 6: policy.weeks');
    expect(stderr).toContain('inputs.jsonl line 7: preferences/preferences-2026-01-06.csv: got no such file');
    expect(stderr).toContain('initial.jsonl line 2: sentAt: got nothing, expected a string');
    expect(stderr).not.toContain('12345');
  });

  it('an output folder under a file is refused before the run', async () => {
    write('file.txt', 'mine');
    const { code, stderr } = await vip(['pilot', '--patients', '3', '--out', at('file.txt/x')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--out')]);
  });

  it('a pilot: the problems of campaign, roster and output folder together', async () => {
    write('full2/note.txt', 'mine');
    const campaign = write('bad2.json', '{"campaignId":"c","startsOn":"2026-01-05","weeks":99}');
    const [header, row] = rosterOf([{}]).split('\n');
    const roster = write('twice2.csv', [header, row, row, ''].join('\n'));
    const args = ['pilot', '--campaign', campaign, '--out', at('full2')];
    const missing = await vip([...args, '--roster', at('nope.csv')]);
    expect(missing.code).toBe(2);
    for (const said of ['weeks: got 99', 'nope.csv', '--out']) expect(missing.stderr).toContain(said);
    const bad = await vip([...args, '--roster', roster]);
    for (const said of ['weeks: got 99', 'line 3: patientId', '--out']) expect(bad.stderr).toContain(said);
  });

  it('a recording: the roster is looked at too when something else is bad', async () => {
    write('roster/campaign.json', '{"campaignId":"c","startsOn":"2026-01-05"}');
    write('roster/roster.csv', rosterOf([{ patientId: 'P1' }, { patientId: 'P1' }]).replace('careGaps', 'gaps'));
    write('roster/inputs.jsonl', '{"at":"2026-01-05T10:00:00-06:00","type":"control.nap","by":"lead"}\n');
    const { code, stderr } = await vip(['replay', at('roster'), '--out', out]);
    expect(code).toBe(2);
    for (const said of ['inputs.jsonl line 1: type', 'line 1: careGaps', 'line 3: patientId'])
      expect(stderr).toContain(said);
  });

  it('a recording with a bad campaign: inputs before its start, and of a line that is bad, still count', async () => {
    write('early/campaign.json', '{"campaignId":"c","startsOn":"2026-01-05","weeks":99}');
    write('early/roster.csv', rosterOf([{}]));
    const lines = [
      { at: january(4, '23:59'), type: 'control.pause', by: 'lead' },
      { at: january(6, '09:00'), type: 'control.pause', by: 'lead' },
      { at: january(5, '09:00'), type: 'control.pause', by: 'b y' },
    ];
    write('early/inputs.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    const { stderr } = await vip(['replay', at('early'), '--out', out]);
    expect(stderr).toMatch(/line 1: at: .*not before 00:00 of startsOn/);
    expect(stderr).toMatch(/line 3: at: .*not before the line above/);
    expect(stderr).toContain('line 3: by');
  });

  it('what is known at the start is refused in the words of every other input', async () => {
    write('initial/campaign.json', '{"campaignId":"c","startsOn":"2026-01-05"}');
    write('initial/roster.csv', rosterOf([{}]));
    write('initial/inputs.jsonl', '');
    const lines = [
      { type: 'mood' },
      { type: 'preference', patientId: 'P 1', status: 'MAYBE', source: 'VENDOR', effectiveAt: january(1, '09:00') },
      { type: 'stop', phone: '13125550', at: january(1, '09:00'), extra: 1 },
    ];
    write('initial/initial.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    const { stderr } = await vip(['replay', at('initial'), '--out', out]);
    for (const said of [
      'initial.jsonl line 1: type: got "mood", expected one of preference, stop, text, booking',
      'initial.jsonl line 2: patientId: got "P 1", expected an id of 1 to 64 letters, digits and hyphens',
      'initial.jsonl line 2: status: got "MAYBE", expected OPT_IN or OPT_OUT',
      'initial.jsonl line 3: phone: expected a phone number in E.164',
      'initial.jsonl line 3: extra: expected no field of this name in stop',
    ])
      expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/Invalid|13125550/);
  });

  it('a recording: a policy change that is not valid, and inputs before 00:00 of startsOn', async () => {
    write('policy/campaign.json', '{"campaignId":"c","startsOn":"2026-01-05"}');
    write('policy/roster.csv', rosterOf([{}]));
    const lines = [
      { at: january(4, '23:59:59'), type: 'control.pause', by: 'lead' },
      { at: january(6, '09:00'), type: 'control.policy', by: 'lead', policy: { weeks: 3 } },
      { at: '2027-06-01T00:00:00Z', type: 'control.nothing', by: 'lead' },
    ];
    write('policy/inputs.jsonl', `${lines.map((line) => JSON.stringify(line)).join('\r\n')}\r\n`);
    const { code, stderr } = await vip(['replay', at('policy'), '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/inputs\.jsonl line 1: at/);
    expect(stderr).toMatch(/inputs\.jsonl line 2: policy\.weeks/);
    expect(stderr).toMatch(/inputs\.jsonl line 3: type/);
  });
});
