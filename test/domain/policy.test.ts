/** `campaign.json` and `control.policy`: every error of formats.md with field, value and expectation, all at once; defaults; merges. */
import { changePolicy, parseCampaign, policyOf, DEFAULT_PRACTICE } from '../../domain/policy';
import { BadInput, describeProblem } from '../../domain/problem';

const SOUND = { campaignId: 'pilot-2026', startsOn: '2026-01-05' };

const refused = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof BadInput) return error.problems.map(describeProblem);
    throw error;
  }
  return [];
};
const problems = (over: object) => refused(() => parseCampaign({ ...SOUND, ...over }));
const changeProblems = (change: unknown) =>
  refused(() => changePolicy(policyOf(parseCampaign(SOUND)), change, ['mon', 'tue']));

describe('campaign.json', () => {
  it('has the defaults of formats.md', () => {
    expect(parseCampaign(SOUND)).toEqual({
      campaignId: 'pilot-2026',
      startsOn: '2026-01-05',
      timeZone: 'America/Chicago',
      seed: 1,
      practice: { name: 'Zephyr Health', phone: '+13125550100', bookingUrl: 'https://zephyr.example/b' },
      weeks: 5,
      weeklyThreshold: 0.2,
      postPilotWeeks: 4,
      sendDays: ['mon', 'tue', 'wed', 'thu', 'fri'],
      skipDates: [],
      sendWindow: { from: '09:00', to: '19:00' },
      touches: [0, 3, 7],
      caps: { perDay: 1, perSevenDays: 3 },
      requireFreshPreferences: true,
      preferencesDeadline: '12:00',
      callCentre: {
        capacityPerDay: 145,
        hoursPerDay: 10,
        abandonmentMax: 0.05,
        serviceLevelMin: 0.8,
        baseForecast: { mon: 130, tue: 105, wed: 100, thu: 100, fri: 95 },
        callsPerTextPrior: 0.12,
        floorPerDay: 5,
      },
      adaptive: { touchesMax: 2, minDaysBetween: 5 },
    });
  });

  it('fills members missing from nested objects with their defaults', () => {
    const campaign = parseCampaign({
      ...SOUND,
      callCentre: { capacityPerDay: 300, baseForecast: { mon: 10 } },
      caps: { perSevenDays: 2 },
      sendWindow: { to: '20:00' },
      practice: { name: 'Other' },
    });
    expect(campaign.callCentre.capacityPerDay).toBe(300);
    expect(campaign.callCentre.floorPerDay).toBe(5);
    expect(campaign.callCentre.baseForecast).toEqual({ mon: 10, tue: 105, wed: 100, thu: 100, fri: 95 });
    expect(campaign.caps).toEqual({ perDay: 1, perSevenDays: 2 });
    expect(campaign.sendWindow).toEqual({ from: '09:00', to: '20:00' });
    expect(campaign.practice).toEqual({ ...DEFAULT_PRACTICE, name: 'Other' });
  });

  it("takes the settings' own practice", () => {
    const practice = { name: 'Settings', phone: '+13125550199', bookingUrl: 'https://s.example' };
    expect(parseCampaign(SOUND, practice).practice).toEqual(practice);
  });

  it.each<[object, string]>([
    [{ weeks: 0 }, 'weeks: got 0, expected an integer from 1 to 52'],
    [{ weeks: 53 }, 'weeks: got 53, expected an integer from 1 to 52'],
    [{ weeks: 1.5 }, 'weeks: got 1.5, expected an integer from 1 to 52'],
    [{ weeks: '5' }, 'weeks: got "5", expected a number'],
    [{ postPilotWeeks: -1 }, 'postPilotWeeks: got -1, expected an integer from 0 to 52'],
    [{ postPilotWeeks: 53 }, 'postPilotWeeks: got 53, expected an integer from 0 to 52'],
    [{ weeklyThreshold: 0 }, 'weeklyThreshold: got 0, expected a number above 0 and at most 1'],
    [{ weeklyThreshold: 1.01 }, 'weeklyThreshold: got 1.01, expected a number above 0 and at most 1'],
    [
      { sendWindow: { from: '07:59' } },
      'sendWindow: got {"from":"07:59","to":"19:00"}, expected from before to, inside 08:00-21:00',
    ],
    [
      { sendWindow: { to: '21:01' } },
      'sendWindow: got {"from":"09:00","to":"21:01"}, expected from before to, inside 08:00-21:00',
    ],
    [
      { sendWindow: { from: '19:00' } },
      'sendWindow: got {"from":"19:00","to":"19:00"}, expected from before to, inside 08:00-21:00',
    ],
    [{ sendWindow: { from: '9:00' } }, 'sendWindow.from: got "9:00", expected a time of day HH:MM'],
    [{ touches: [] }, 'touches: got [], expected 1 to 10 whole days, ascending from 0, none above 3650'],
    [{ touches: [1, 3] }, 'touches: got [1,3], expected 1 to 10 whole days, ascending from 0, none above 3650'],
    [{ touches: [0, 3, 3] }, 'touches: got [0,3,3], expected 1 to 10 whole days, ascending from 0, none above 3650'],
    [
      { touches: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
      'touches: got [0,1,2,3,4,5,6,7,8,9,10], expected 1 to 10 whole days, ascending from 0, none above 3650',
    ],
    [{ caps: { perDay: 0 } }, 'caps.perDay: got 0, expected an integer of at least 1'],
    [{ caps: { perSevenDays: 0 } }, 'caps.perSevenDays: got 0, expected an integer of at least 1'],
    [{ callCentre: { callsPerTextPrior: 0 } }, 'callCentre.callsPerTextPrior: got 0, expected a number above 0'],
    [{ callCentre: { capacityPerDay: 'many' } }, 'callCentre.capacityPerDay: got "many", expected a number'],
    [{ callCentre: { patience: 3 } }, 'callCentre.patience: got 3, expected no field of this name'],
    [{ sendDays: ['mon', 'sat'] }, 'callCentre.baseForecast.sat: got nothing, expected a forecast for every send day'],
    [{ sendDays: ['monday'] }, 'sendDays[0]: got "monday", expected one of sun, mon, tue, wed, thu, fri, sat'],
    [{ sendDays: [] }, 'sendDays: got [], expected at least one day, none twice'],
    [{ skipDates: ['2026-13-01'] }, 'skipDates[0]: got "2026-13-01", expected a date YYYY-MM-DD'],
    [{ timeZone: 'Chicago' }, 'timeZone: got "Chicago", expected an IANA time zone'],
    [{ preferencesDeadline: '25:00' }, 'preferencesDeadline: got "25:00", expected a time of day HH:MM'],
    [{ requireFreshPreferences: 'yes' }, 'requireFreshPreferences: got "yes", expected a boolean'],
    [{ adaptive: { touchesMax: -1 } }, 'adaptive.touchesMax: got -1, expected an integer of at least 0'],
    [
      { touches: [0, 100_000_000] },
      'touches: got [0,100000000], expected 1 to 10 whole days, ascending from 0, none above 3650',
    ],
    [{ colour: 'red' }, 'colour: got "red", expected no field of this name'],
    [{ campaignId: 'a b' }, 'campaignId: got "a b", expected an id of 1 to 64 letters, digits and hyphens'],
    [{ startsOn: '2026-02-29' }, 'startsOn: got "2026-02-29", expected a date YYYY-MM-DD'],
    [{ campaignId: undefined }, 'campaignId: got nothing, expected a string'],
    [{ startsOn: undefined }, 'startsOn: got nothing, expected a string'],
  ])('%j is refused', (over, problem) => {
    expect(problems(over)).toEqual([problem]);
  });

  it.each([
    { touches: [0, 3650] },
    { practice: { name: 'N'.repeat(41), bookingUrl: `https://z.example/${'b'.repeat(60)}` } },
    { caps: { perDay: 1001, perSevenDays: 5000 } },
    { adaptive: { touchesMax: 1001, minDaysBetween: 367 } },
    { callCentre: { hoursPerDay: 25 } },
    { weeks: 1 },
    { weeks: 52 },
    { postPilotWeeks: 0 },
    { postPilotWeeks: 52 },
    { weeklyThreshold: 1 },
    { weeklyThreshold: 0.001 },
    { sendWindow: { from: '08:00', to: '21:00' } },
    { touches: [0] },
    { touches: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
    { caps: { perDay: 1, perSevenDays: 1 } },
    { sendDays: ['sat'], callCentre: { baseForecast: { sat: 0 } } },
    { seed: 0 },
  ])('%j is sound', (over) => {
    expect(problems(over)).toEqual([]);
  });

  it('lists everything that is wrong at once, the cross-field problems of sound fields too', () => {
    const listed = problems({
      weeks: 99,
      colour: 'red',
      sendWindow: { from: '06:00' },
      sendDays: ['sat'],
      caps: { perDay: 0 },
    });
    expect(listed).toHaveLength(5);
    for (const field of ['weeks', 'colour', 'sendWindow', 'callCentre.baseForecast.sat', 'caps.perDay'])
      expect(listed.some((line) => line.startsWith(`${field}: `))).toBe(true);
  });

  it.each([[null], [[]], ['text'], [7]])('%j is no campaign', (json) => {
    expect(refused(() => parseCampaign(json)).length).toBeGreaterThan(0);
  });
});

describe('a policy change', () => {
  const inForce = policyOf(
    parseCampaign({ ...SOUND, caps: { perDay: 2 }, callCentre: { capacityPerDay: 300, floorPerDay: 9 } }),
  );

  it('keeps the members in force that it does not name, not the defaults', () => {
    const policy = changePolicy(inForce, { callCentre: { capacityPerDay: 200 }, caps: { perSevenDays: 5 } }, ['mon']);
    expect(policy.callCentre).toEqual({ ...inForce.callCentre, capacityPerDay: 200 });
    expect(policy.callCentre.floorPerDay).toBe(9);
    expect(policy.caps).toEqual({ perDay: 2, perSevenDays: 5 });
    expect(policy.weeklyThreshold).toBe(inForce.weeklyThreshold);
  });

  it.each<[unknown, string]>([
    [
      { weeks: 3 },
      'weeks: got 3, expected one of weeklyThreshold, sendWindow, caps, adaptive, callCentre, requireFreshPreferences, preferencesDeadline',
    ],
    [
      { touches: [0] },
      'touches: got [0], expected one of weeklyThreshold, sendWindow, caps, adaptive, callCentre, requireFreshPreferences, preferencesDeadline',
    ],
    [{ weeklyThreshold: 2 }, 'weeklyThreshold: got 2, expected a number above 0 and at most 1'],
    [
      { sendWindow: { to: '22:00' } },
      'sendWindow: got {"from":"09:00","to":"22:00"}, expected from before to, inside 08:00-21:00',
    ],
    [{ caps: { perDay: 0 } }, 'caps.perDay: got 0, expected an integer of at least 1'],
  ])('%j is refused', (change, problem) => {
    expect(changeProblems(change)).toEqual([problem]);
  });

  it('judges its window against the part in force', () => {
    const late = changePolicy(inForce, { sendWindow: { from: '18:00' } }, ['mon']);
    expect(refused(() => changePolicy(late, { sendWindow: { to: '18:00' } }, ['mon']))).toHaveLength(1);
    expect(refused(() => changePolicy(late, { sendWindow: { to: '18:01' } }, ['mon']))).toEqual([]);
  });

  it('lists every problem at once', () => {
    expect(changeProblems({ weeks: 3, weeklyThreshold: 0, preferencesDeadline: 'noon' })).toHaveLength(3);
  });
});
