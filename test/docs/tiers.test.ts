/** docs/tiers.md publishes every weight; a number there that differs from the code, or is missing, fails here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADAPTIVE_WEIGHTS, noShowProbability } from '../../domain/adaptive';
import { MISSED_FLAG_MIN, TIER_CUTOFFS, TIER_WEIGHTS, TIER_WEIGHTS_VERSION } from '../../domain/tiers';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'tiers.md'), 'utf8');

/** Of a section: `name` in the first column and the number in the second. */
function published(title: string): Record<string, number> {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(title));
  if (!section) throw new Error(`docs/tiers.md has no section "${title}"`);
  const rows = [...section.matchAll(/^\| `([A-Za-z0-9.]+)` +\| +(-?[\d.]+) \|/gm)];
  return Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)]));
}

function flat(weights: Readonly<Record<string, Readonly<Record<string, number>>>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, parts]) =>
      Object.entries(parts).map(([part, value]) => [`${name}.${part}`, value]),
    ),
  );
}

describe('docs/tiers.md', () => {
  it('publishes every weight of the risk score, under its version', () => {
    expect(published('Risk score')).toEqual(flat(TIER_WEIGHTS));
    expect(PAGE).toContain(`## Risk score, version \`${TIER_WEIGHTS_VERSION}\``);
  });

  it('says rightly that the maxima add up to 100', () => {
    const maxima = Object.values(TIER_WEIGHTS).map((parts) => Math.max(...Object.values(parts)));
    expect(maxima.reduce((sum, max) => sum + max, 0)).toBe(100);
  });

  it('publishes the cut-offs and the flag', () => {
    expect(published('Tiers')).toEqual(TIER_CUTOFFS);
    expect(PAGE).toContain(`\`MISSED_FLAG_MIN\`: ${MISSED_FLAG_MIN} or more`);
  });

  it('publishes every weight of the adaptive priority', () => {
    expect(published('Adaptive priority')).toEqual(ADAPTIVE_WEIGHTS);
  });

  it('publishes both probabilities of a no-show', () => {
    const [without, earlier] = [noShowProbability(0), noShowProbability(1)].map((p) => p.toFixed(3));
    expect(PAGE).toContain(`is ${without} without and ${earlier} with an earlier missed appointment`);
  });
});
