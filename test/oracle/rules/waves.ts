/**
 * Rules 1 and 2 and the pilot weeks of the report: who was admitted when, in which order, under which cap, and that rank
 * is a permutation in the order of tier, category and score band.
 */
import type { Context } from '../context';
import { isoOf } from '../time';
import type { Report } from '../violations';
import type { Wave } from '../waves';

export function checkWaves(context: Context, report: Report): void {
  checkRanks(context, report);
  for (const wave of context.waves) {
    checkAdmission(wave, report);
    const texted = textedBefore(context, wave.endsAt);
    if (texted > wave.cap) report('1', `week ${wave.week}: ${texted} patients texted, cap ${wave.cap}`);
    if (wave.admittedCumulative > wave.cap)
      report('1', `week ${wave.week}: ${wave.admittedCumulative} admitted, cap ${wave.cap}`);
    checkWeek(context, wave, report);
  }
  const weeks = context.output.report.weeks.map((week) => week['week']);
  const wanted = context.waves.map((wave) => wave.week);
  const all = Array.from({ length: context.world.campaign.weeks }, (_, i) => i + 1);
  if (![wanted.join(), all.join()].includes(weeks.join()))
    report('report', `weeks ${weeks.join()}, expected ${wanted.join()}`);
  const known = new Set(['', ...wanted.map(String)]);
  for (const [id, row] of context.output.patients) {
    if (!known.has(row['wave'] as string)) report('1', `${id} has wave ${row['wave']}, no pilot week that began`);
  }
}

function checkAdmission(wave: Wave, report: Report): void {
  if (wave.fixedAt === undefined && wave.admitted.length > 0) {
    report('1', `week ${wave.week}: no send day opened, yet admitted ${wave.admitted.join()}`);
    return;
  }
  const expected = new Set(wave.expected);
  const admitted = new Set(wave.admitted);
  const extra = wave.admitted.filter((id) => !expected.has(id));
  const missing = wave.expected.filter((id) => !admitted.has(id));
  if (extra.length > 0) report(missing.length > 0 ? '2' : '1', `wave ${wave.week} must not hold ${extra.join()}`);
  if (missing.length > 0) report(extra.length > 0 ? '2' : '8', `wave ${wave.week} lacks ${missing.join()}`);
}

function textedBefore(context: Context, instant: number): number {
  const texts = context.world.texts.filter((row) => row.phase === 'PILOT' && (row.sentAt as number) < instant);
  return new Set(texts.map((row) => row.patientId)).size;
}

function checkWeek(context: Context, wave: Wave, report: Report): void {
  const { world, output } = context;
  const week = output.report.weeks.find((entry) => entry['week'] === wave.week);
  if (!week) return;
  const endsAt = Math.min(wave.endsAt, world.end);
  const ended = wave.endsAt <= world.end;
  const carried = context.plans.filter(({ patient, touches }) => {
    const settled = touches[0]?.settledAt ?? 0;
    const admittedBy = Number(output.patients.get(patient.patientId)?.['wave']) <= wave.week;
    return admittedBy && (ended ? settled >= endsAt : touches[0]?.row.reason === 'CANCELLED');
  }).length;
  const equal = (field: string, ...allowed: unknown[]): void => {
    if (!allowed.includes(week[field]))
      report('report', `weeks[${wave.week}].${field} ${String(week[field])}, expected ${allowed.join(' or ')}`);
  };
  equal('startsAt', isoOf(world.zone, wave.startsAt));
  equal('eligible', wave.eligible);
  equal('capCumulative', wave.cap);
  equal('wave', wave.fixedAt === undefined ? null : wave.week);
  equal('admittedCumulative', wave.admittedCumulative);
  equal('textedCumulative', textedBefore(context, endsAt + (ended ? 0 : 1)));
  equal('carriedOver', carried, ...(ended ? [] : [0]));
  between(week, 'booked', wave.week, bookedIn(context, wave.startsAt, endsAt), report);
  between(week, 'optedOut', wave.week, optedOutIn(context, wave.startsAt, endsAt), report);
}

function between(
  week: { [field: string]: unknown },
  field: string,
  number: number,
  readings: number[],
  report: Report,
): void {
  const value = Number(week[field]);
  const [least, most] = [Math.min(...readings), Math.max(...readings)];
  if (!(value >= least && value <= most))
    report('report', `weeks[${number}].${field} ${value}, expected ${least}..${most}`);
}

function bookedIn(context: Context, from: number, to: number): number[] {
  const events = [...context.world.patients.keys()].map(
    (id) => context.world.bookings(id).bookedEvents.filter((at) => at >= from && at <= to).length,
  );
  const edge = [...context.world.patients.keys()].filter((id) =>
    context.world.bookings(id).bookedEvents.includes(to),
  ).length;
  const patients = events.filter((n) => n > 0).length;
  return [patients, patients - edge, events.reduce((sum, n) => sum + n, 0)];
}

function optedOutIn(context: Context, from: number, to: number): number[] {
  const counts = [0, 0, 0, 0];
  for (const id of context.world.patients.keys()) {
    const outs = context.world
      .preferences(id)
      .changedBy.filter((c) => c.after === 'OPT_OUT' && c.at >= from && c.at < to);
    const byReply = outs.filter((change) => change.source === 'REPLY');
    counts[0]! += Math.min(1, byReply.length);
    counts[1]! += outs.length;
    counts[2]! += Math.min(1, byReply.filter((change) => change.before === 'OPT_IN').length);
    counts[3]! += Math.min(1, outs.filter((change) => change.before === 'OPT_IN').length);
  }
  return counts;
}

function checkRanks(context: Context, report: Report): void {
  const rows = [...context.output.patients.values()];
  const ranked = [...rows].sort((a, b) => Number(a['rank']) - Number(b['rank']));
  ranked.forEach((row, i) => {
    if (Number(row['rank']) !== i + 1)
      report('2', `rank ${row['rank']} of ${row['patientId']}, expected ${i + 1}: each once`);
  });
  const key = (row: Record<string, string>): number =>
    Number(row['tier']) * 1000 + (row['category'] === 'VIP' ? 0 : 100) + (50 - Number(row['band']));
  for (let i = 1; i < ranked.length; i += 1) {
    const [upper, lower] = [ranked[i - 1]!, ranked[i]!];
    if (key(upper) > key(lower)) report('2', `${upper['patientId']} ranks before ${lower['patientId']}`);
  }
  for (const row of rows) {
    if (Number(row['band']) !== Math.floor(Number(row['score']) / 10))
      report('2', `band ${row['band']} of score ${row['score']}`);
    if (row['category'] === 'VIP' && row['tier'] === '3') report('2', `${row['patientId']} is VIP and of tier 3`);
  }
  for (const tier of ['1', '2']) {
    const lowest = Math.min(
      ...rows
        .filter((r) => r['tier'] === tier && (tier === '1' || r['category'] !== 'VIP'))
        .map((r) => Number(r['score'])),
    );
    const below = rows.find((r) => Number(r['tier']) > Number(tier) && Number(r['score']) > lowest);
    if (below) report('2', `score ${below['score']} is of tier ${below['tier']}, ${lowest} of tier ${tier}`);
  }
}
