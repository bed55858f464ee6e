/** The oracle's verdict: one entry for every breach, with the rule of formats.md it breaks. */
export interface Violation {
  rule: string;
  detail: string;
}

export type Report = (rule: string, detail: string) => void;

/** More of one rule than this tell a reader nothing new. */
const SHOWN_MAX = 25;

/** `isKept`: of those left out, none counts. */
export function collector(isKept: (violation: Violation) => boolean = () => true): {
  violations: Violation[];
  report: Report;
} {
  const violations: Violation[] = [];
  const counts = new Map<string, number>();
  return {
    violations,
    report: (rule, detail) => {
      if (!isKept({ rule, detail })) return;
      const count = (counts.get(rule) ?? 0) + 1;
      counts.set(rule, count);
      if (count <= SHOWN_MAX) violations.push({ rule, detail });
      if (count === SHOWN_MAX + 1) violations.push({ rule, detail: '… and more of this rule' });
    },
  };
}
