/**
 * Rules 5 and 13: each reply answered by the kind it calls for, exactly once, at the reply's own instant, booked to the
 * right patient; nothing else answered; nothing to a dead number or after the end.
 */
import type { Context } from '../context';
import { dateOf } from '../time';
import type { Report } from '../violations';

export function checkAnswers(context: Context, report: Report): void {
  const { world, output } = context;
  const rows = output.ledger.filter((row) => row.phase === 'REPLY');
  const expected = new Map(world.answers.map((answer) => [answer.replyId, answer]));
  const answered = new Map<string, number>();
  for (const row of rows) {
    const replyId = row.wave.slice(1);
    const where = `answer ${row.wave} (${row.kind}) to ${row.patientId}`;
    answered.set(replyId, (answered.get(replyId) ?? 0) + 1);
    if (!row.wave.startsWith('R')) report('format', `${where}: wave is not R<replyId>`);
    if (row.touch !== 0) report('format', `${where}: touch ${row.touch}`);
    if (row.sentAt === undefined) {
      report('5', `${where}: a REPLY row that was not sent`);
      continue;
    }
    const answer = expected.get(replyId);
    if (!answer) {
      report('13', `${where} on ${dateOf(world.zone, row.sentAt)}: no such reply calls for an answer`);
      continue;
    }
    if (answer.kind !== row.kind) report('13', `${where}: expected ${answer.kind}`);
    if (!answer.patientIds.includes(row.patientId))
      report('13', `${where}: expected ${answer.patientIds.join(' or ')}`);
    const at = Math.floor(answer.at / 1000) * 1000;
    if (row.sentAt !== at && row.sentAt !== at + 1000) {
      report('5', `${where}: sent ${(row.sentAt - at) / 1000} s after the reply`);
    }
    if (row.sentAt > world.end) report('5', `${where}: after the end of the campaign`);
  }
  for (const [replyId, count] of answered) if (count > 1) report('5', `reply ${replyId} answered ${count} times`);
  for (const answer of world.answers) {
    if (!answer.optional && !answered.has(answer.replyId))
      report('13', `reply ${answer.replyId} is not answered by ${answer.kind}`);
  }
}
