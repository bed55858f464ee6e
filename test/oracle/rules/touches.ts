/**
 * Rules 7 and 8 for the pilot: every admitted patient has all touches, each sent no earlier than due and before its
 * limit, at least two dates after the text before, refused for the first reason that held at a pass that could judge it,
 * expired or cancelled at exactly the instant the limit passed.
 */
import type { Context } from '../context';
import { closedBecause, isSpaced } from '../judge';
import { isSendDay } from '../policy';
import { dateOf } from '../time';
import type { Touch, TouchPlan } from '../touchPlan';
import type { Report } from '../violations';

export function checkTouches(context: Context, report: Report): void {
  const { world, output, pilotRows } = context;
  for (const [id, row] of output.patients) {
    const rows = pilotRows.get(id) ?? [];
    const wanted = row['wave'] === '' ? 0 : world.campaign.touches.length;
    const touches = rows.map((r) => r.touch).join();
    if (touches !== Array.from({ length: wanted }, (_, i) => i).join()) {
      report('8', `${id} (wave ${row['wave'] || 'none'}) has pilot touches ${touches || 'none'}, expected ${wanted}`);
    }
    if (rows.some((r) => r.wave !== row['wave'])) report('6', `${id}: pilot rows of another wave than ${row['wave']}`);
  }
  for (const plan of context.plans) {
    for (const touch of plan.touches) {
      const where = `${plan.patient.patientId} touch ${touch.n}`;
      checkTouch(context, plan, touch, (rule, why) => report(rule, `${where}: ${why}`));
    }
  }
  checkPlanOrder(context, report);
}

function checkTouch(context: Context, plan: TouchPlan, touch: Touch, report: Report): void {
  const first = plan.touches[0] as Touch;
  if (touch.n === 0) checkPlannedFor(context, touch, report);
  else if (touch.row.plannedFor !== touch.due)
    report('7', `plannedFor ${touch.row.plannedFor}, due ${touch.due || 'never'}`);
  if (touch.row.sentAt !== undefined) checkSent(context, plan, touch, touch.row.sentAt, report);
  else if (touch.n > 0 && first.row.sentAt === undefined) {
    const same = touch.row.reason === first.row.reason && touch.row.decidedAt === first.row.decidedAt;
    if (!same)
      report('8', `touch 0 was refused ${first.row.reason}, this one ${touch.row.reason} (or at another instant)`);
  } else checkRefused(context, plan, touch, report);
}

function checkPlannedFor(context: Context, { row }: Touch, report: Report): void {
  const wave = context.waves.find((w) => String(w.week) === row.wave);
  const day = context.dayByDate.get(row.plannedFor);
  if (row.plannedFor === '') {
    if (!['EXPIRED', 'CANCELLED'].includes(row.reason)) report('8', `no plannedFor, yet ${row.reason || 'sent'}`);
    return;
  }
  if (!day || day.openAt === undefined) report('9', `planned for ${row.plannedFor}, no send day that opened`);
  else if (wave?.fixedAt === undefined || day.openAt < wave.fixedAt)
    report('1', `planned for ${row.plannedFor}, before its wave was fixed`);
  else if (day.openAt > row.decidedAt) report('8', `planned for ${row.plannedFor}, decided before`);
}

function checkSent(context: Context, plan: TouchPlan, touch: Touch, sentAt: number, report: Report): void {
  const { patient } = plan;
  const earliest = touch.n === 0 ? dateOf(context.world.zone, sentAt) : dateOf(patient.timeZone, sentAt);
  if (earliest < touch.due) report('7', `sent on ${earliest}, due ${touch.due}`);
  if (sentAt >= touch.limit)
    report('7', `sent at ${new Date(sentAt).toISOString()}, expired at ${new Date(touch.limit).toISOString()}`);
  if (!isSpaced(context, patient, sentAt, 2, { except: touch.row, withInitial: false }))
    report('7', 'less than 2 dates after a text');
  const before = plan.touches[touch.n - 1];
  if (before && before.settledAt > sentAt) report('7', `sent while touch ${before.n} was open`);
}

function checkRefused(context: Context, plan: TouchPlan, touch: Touch, report: Report): void {
  const { world } = context;
  const { reason, decidedAt } = touch.row;
  const iso = new Date(decidedAt).toISOString();
  if (reason === 'EXPIRED' || reason === 'CANCELLED') {
    const wanted = touch.limit < world.end || !world.cancelled ? 'EXPIRED' : 'CANCELLED';
    if (reason !== wanted) report('8', `${reason}, expected ${wanted}`);
    if (decidedAt !== Math.floor(touch.limit / 1000) * 1000)
      report('8', `${reason} at ${iso}, expected ${new Date(touch.limit).toISOString()}`);
    return;
  }
  if (decidedAt >= touch.limit) report('7', `refused ${reason} at ${iso}, after its limit`);
  if (!isDue(context, plan, touch, decidedAt)) report('8', `refused ${reason} at ${iso}, due ${touch.due}`);
  const closed = closedBecause(context, plan.patient, decidedAt);
  if (closed) report('8', `refused ${reason} at ${iso}: no pass could judge it, ${closed.why}`);
  const holds = world.reasonAgainst(plan.patient, decidedAt);
  const answerBounced = reason === 'NO_MOBILE' && holds === undefined && world.maybeNoMobile.has(plan.patient.phone);
  if (holds !== reason && !answerBounced)
    report('8', `refused ${reason} at ${iso}, the first reason that held was ${holds ?? 'none'}`);
}

/**
 * Whether the touch has fallen due. Touch 0 is planned for a date of the organisation's; `surely` asks for that date to
 * have come by the patient's calendar as well (AMBIGUITIES.md, 60).
 */
export function isDue(context: Context, plan: TouchPlan, touch: Touch, instant: number, surely = false): boolean {
  if (touch.due === '') return false;
  if (touch.n === 0) {
    const day = context.dayByDate.get(touch.due);
    if (surely && dateOf(plan.patient.timeZone, instant) < touch.due) return false;
    return day?.openAt !== undefined && instant >= day.openAt;
  }
  const date = dateOf(plan.patient.timeZone, instant);
  return date >= touch.due && isSendDay(context.world.campaign, date);
}

/** Within a wave the day's shares are taken in rank order, so `plannedFor` never falls with rank. */
function checkPlanOrder(context: Context, report: Report): void {
  const rank = (id: string): number => Number(context.output.patients.get(id)?.['rank']);
  for (const wave of context.waves) {
    let latest = '';
    for (const id of [...wave.admitted].sort((a, b) => rank(a) - rank(b))) {
      const planned = context.pilotRows.get(id)?.[0]?.plannedFor ?? '';
      if (planned !== '' && planned < latest)
        report('2', `${id}: touch 0 planned for ${planned}, one of higher rank for ${latest}`);
      if (planned > latest) latest = planned;
    }
  }
}
