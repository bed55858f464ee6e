/** Score, tier and rank (formats.md, rule 2): cut-offs from both sides, VIP never below high, a draw of each patient's own. */
import { parseRosterRow, type RosterPatient, type RosterRecord } from '../../domain/roster';
import { rankAll, riskScore, standingOf, tierOf, TIER_WEIGHTS, type Standing } from '../../domain/tiers';

const STARTS_ON = '2026-01-05';
const healthy: RosterPatient = {
  patientId: 'P1',
  firstName: 'Zvalonka',
  phone: '+13125550111',
  language: 'en',
  timeZone: 'America/Chicago',
  category: 'SERIOUS',
  birthDate: '1990-01-01',
  chronicConditions: 0,
  edVisits12m: 0,
  admissions12m: 0,
  missedAppointments12m: 0,
  lastPcpVisit: '2025-12-01',
  careGaps: 0,
  clinicId: 'C-1',
};
const standing = (patientId: string, over: Partial<Standing> = {}): Standing => ({
  patientId,
  score: 20,
  band: 2,
  tier: 3,
  category: 'SERIOUS',
  highNoShowRisk: false,
  ...over,
});
const order = (standings: Standing[], seed = 1) =>
  [...rankAll(standings, seed)].sort((a, b) => a[1] - b[1]).map(([id]) => id);

describe('the score', () => {
  it('is 0 for the healthy and 100 at every maximum', () => {
    const worst = { ...healthy, birthDate: '1930-01-01', lastPcpVisit: '' };
    const counts = { chronicConditions: 9, edVisits12m: 9, admissions12m: 9, missedAppointments12m: 9, careGaps: 9 };
    expect(riskScore(healthy, STARTS_ON)).toBe(0);
    expect(riskScore({ ...worst, ...counts }, STARTS_ON)).toBe(100);
  });

  it.each<[Partial<RosterPatient>, number]>([
    [{ chronicConditions: 1 }, 6],
    [{ chronicConditions: 4 }, 24],
    [{ chronicConditions: 5 }, 24],
    [{ edVisits12m: 3 }, 18],
    [{ edVisits12m: 4 }, 18],
    [{ admissions12m: 2 }, 18],
    [{ admissions12m: 3 }, 18],
    [{ missedAppointments12m: 2 }, 8],
    [{ careGaps: 3 }, 6],
    [{ lastPcpVisit: '' }, 8],
    [{ lastPcpVisit: '2025-01-01' }, 8],
    [{ lastPcpVisit: '2025-06-30' }, 4],
    [{ lastPcpVisit: '2025-07-15' }, 0],
    [{ birthDate: '1976-01-06' }, 0],
    [{ birthDate: '1976-01-04' }, 5],
    [{ birthDate: '1961-01-04' }, 10],
    [{ birthDate: '1946-01-04' }, 14],
  ])('of %j is %i', (over, points) => {
    expect(riskScore({ ...healthy, ...over }, STARTS_ON)).toBe(points);
  });

  it('has maxima that add up to 100', () => {
    const { age, monthsSincePcpVisit, ...counted } = TIER_WEIGHTS;
    const sum = Object.values(counted).reduce((total, { max }) => total + max, 0);
    expect(sum + age.from80 + monthsSincePcpVisit.from12).toBe(100);
  });
});

describe('the tier', () => {
  it.each([
    [60, 'SERIOUS', 1],
    [59, 'SERIOUS', 2],
    [35, 'SERIOUS', 2],
    [34, 'SERIOUS', 3],
    [0, 'VIP', 2],
    [34, 'VIP', 2],
    [59, 'VIP', 2],
    [60, 'VIP', 1],
  ] as const)('of score %i and category %s is %i', (score, category, tier) => {
    expect(tierOf(score, category)).toBe(tier);
  });

  it.each([
    [1, false],
    [2, true],
  ])('%i missed appointments flag: %p', (missedAppointments12m, flag) => {
    expect(standingOf({ ...healthy, missedAppointments12m }, STARTS_ON).highNoShowRisk).toBe(flag);
  });
});

describe('the rank', () => {
  it('goes by tier, then VIP, then score band, whatever the draw', () => {
    const everyone = [
      standing('a', { tier: 3, band: 3 }),
      standing('b', { tier: 2, category: 'SERIOUS', band: 5 }),
      standing('c', { tier: 2, category: 'VIP', band: 0 }),
      standing('d', { tier: 1, category: 'SERIOUS', band: 6 }),
      standing('e', { tier: 1, category: 'SERIOUS', band: 10 }),
      standing('f', { tier: 3, band: 0 }),
      standing('g', { tier: 1, category: 'VIP', band: 6 }),
    ];
    for (let seed = 0; seed < 20; seed += 1) expect(order(everyone, seed).join('')).toBe('gedcbaf');
  });

  it('is drawn by sha256 of draw|seed|patientId inside a stratum: 2bd1.. 2cee.. 4b09.. 51e5.. for seed 1', () => {
    expect(order(['P4', 'P3', 'P2', 'P1'].map((id) => standing(id)))).toEqual(['P1', 'P2', 'P4', 'P3']);
    expect(
      order(
        ['P4', 'P3', 'P2', 'P1'].map((id) => standing(id)),
        2,
      ),
    ).toEqual(['P1', 'P4', 'P2', 'P3']);
  });

  it('ignores scores inside a band', () => {
    const two = [standing('P1', { score: 20 }), standing('P2', { score: 29 })];
    expect(order(two)).toEqual(['P1', 'P2']);
  });

  it('draws the same lot for a patient whoever else is on the roster', () => {
    const ids = Array.from({ length: 40 }, (_, i) => `Q${i}`);
    const all = order(ids.map((id) => standing(id)));
    const some = ids.filter((_, i) => i % 3 === 0);
    expect(order(some.map((id) => standing(id)))).toEqual(all.filter((id) => some.includes(id)));
  });

  it('gives each of 1 to n once', () => {
    const ranks = [
      ...rankAll(
        ['a', 'b', 'c'].map((id) => standing(id)),
        7,
      ).values(),
    ];
    expect(ranks.sort()).toEqual([1, 2, 3]);
  });
});

describe('a roster row', () => {
  const row: RosterRecord = {
    patientId: 'P1',
    firstName: 'Zvalonka',
    lastName: 'Zarvirski',
    phone: '+13125550111',
    language: 'en',
    timeZone: 'America/Chicago',
    state: 'IL',
    category: 'VIP',
    birthDate: '1950-02-03',
    chronicConditions: '2',
    edVisits12m: '0',
    admissions12m: '0',
    missedAppointments12m: '0',
    lastPcpVisit: '',
    careGaps: '0',
    clinicId: 'C-1',
    pcpId: 'D-1',
  };

  it('is sound', () => {
    expect(parseRosterRow(row, STARTS_ON)).toHaveProperty('patient.patientId', 'P1');
  });

  it.each<[Partial<RosterRecord>, string]>([
    [{ patientId: 'P 1' }, 'patientId'],
    [{ phone: '3125550111' }, 'phone'],
    [{ phone: '+11115550111' }, 'phone'],
    // Of the right length for its country, but no number of its plan.
    [{ phone: '+12420390541' }, 'phone'],
    [{ language: 'fr' }, 'language'],
    [{ timeZone: 'Springfield' }, 'timeZone'],
    [{ category: 'vip' }, 'category'],
    [{ birthDate: '1950-2-3' }, 'birthDate'],
    [{ birthDate: '2026-01-06' }, 'birthDate'],
    [{ edVisits12m: '-1' }, 'edVisits12m'],
    [{ careGaps: '1.5' }, 'careGaps'],
    [{ lastPcpVisit: '2026-01-06' }, 'lastPcpVisit'],
    [{ firstName: ' ' }, 'firstName'],
  ])('%j has one problem, and its reason quotes nothing personal', (over, field) => {
    const parsed = parseRosterRow({ ...row, ...over }, STARTS_ON);
    const problems = 'problems' in parsed ? parsed.problems : [];
    expect(problems.map((problem) => problem.field)).toEqual([field]);
    for (const [key, value] of Object.entries(over))
      if (['phone', 'birthDate', 'firstName'].includes(key) && value.trim() !== '')
        expect(problems[0]!.reason).not.toContain(value);
  });

  it('may have dates of startsOn itself, and lists every problem', () => {
    expect(parseRosterRow({ ...row, lastPcpVisit: STARTS_ON }, STARTS_ON)).toHaveProperty('patient');
    const parsed = parseRosterRow({ ...row, phone: 'x', language: 'x', careGaps: 'x' }, STARTS_ON);
    expect('problems' in parsed && parsed.problems.map((p) => p.field)).toEqual(['phone', 'language', 'careGaps']);
  });
});
