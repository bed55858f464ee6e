/**
 * What a pilot costs, from the counts and prices of docs/cost.md, in Markdown. The formulas are here and, as text, in the
 * rows they make.
 */
import { count, dollars, table, unit } from './markdown.mjs';

/** Free each month: GB-seconds of Flex Consumption on demand. */
const FREE_GB_SECONDS = 100_000;

/** What both designs do, from the counts: `n` by name. */
function work(n) {
  const days = n.patients * n.weeks * 5 * n.naiveShareOfDays;
  const naiveActivities = days + n.textSegments;
  const inputs = n.receipts + n.incomingTexts + n.otherInputs;
  // Replies and receipts are two messages each: the carrier's event, and what it means. A message is a call of its
  // function, at most: texts and receipts come in batches, of which each is one call.
  const inbound = 2 * (n.receipts + n.incomingTexts) + n.otherInputs;
  return {
    ours: {
      operations: n.appOperations + n.outboundTexts * n.readsAnOrder,
      messages: n.durableMessages,
      commits: n.durableCommits,
      executions: n.replays + n.activities + n.entityTurns + n.httpRequests + inbound + n.outboundTexts,
    },
    // It sends from its activity: no queue, and no call of that queue's function.
    naive: {
      operations: days * n.naiveOperationsADay + n.textSegments * n.naiveOperationsAText + inputs * 2,
      messages: days * n.naiveMessagesADay + n.textSegments * n.naiveMessagesAText + inputs,
      commits: days * n.naiveCommitsADay + n.textSegments * n.naiveCommitsAText + inputs,
      executions: days * n.naiveReplaysADay + n.textSegments + naiveActivities + n.httpRequests + inbound,
    },
    queueMessages: inbound + n.outboundTexts,
    domainEvents: n.domainEvents,
    events: n.receipts + n.incomingTexts,
  };
}

/** `n`: numbers by name. */
export function workedOut(n) {
  const done = work(n);
  const ours = designCosts(n, done.ours);
  const naive = designCosts(n, done.naive);
  const same = sameCosts(n, done);
  return [
    ...designPart(n, ours, naive),
    'The same in both:',
    costTable(same, true),
    `Service Bus moves about ${count(done.queueMessages)} messages on queues and ${count(done.domainEvents)} domain events, ${count(done.queueMessages * n.busOperations + done.domainEvents * n.eventOperations)} operations, of 13 million
included each month. **One pilot on development settings: ${dollars(sumOf(same) + sumOf(ours))}; naive ${dollars(sumOf(same) + sumOf(naive))}.**`,
    'Production settings (private endpoints, an instance kept warm) cost, over the nine weeks and whatever the number of patients:',
    costTable(closedCosts(n), false),
  ].join('\n\n');
}

const cost = (name, amount, price) => ({ name, amount, price });
const sumOf = (costs) => costs.reduce((sum, { amount, price }) => sum + amount * price, 0);
const hoursOf = (n) => n.weeks * 7 * 24;
const monthsOf = (n) => Math.ceil((n.weeks * 7) / 30);

function designCosts(n, did) {
  return [
    cost('table operations', did.operations + did.commits * n.tableOperations, n.tableOperation / 10_000),
    cost('queue operations', did.messages * n.queueOperations, n.queueOperation / 10_000),
    cost('function executions, at most', did.executions, n.execution / 1_000_000),
    cost('GB-seconds, at most', did.executions * n.secondsAnExecution * n.instanceGb, n.gbSecond),
  ];
}

function sameCosts(n, { events }) {
  return [
    cost('texts sent, segments', n.textSegments, n.textSent),
    cost('texts received', n.incomingTexts, n.textReceived),
    cost(`the number, ${monthsOf(n)} months`, monthsOf(n), n.number),
    cost('Event Grid, events', events, n.event / 1_000_000),
    cost('Service Bus standard, hours', hoursOf(n), n.busBaseHour),
  ];
}

function closedCosts(n) {
  return [
    cost('Service Bus premium instead of standard, hours', hoursOf(n), n.busPremiumHour - n.busBaseHour),
    cost('five private endpoints, hours', hoursOf(n) * 5, n.privateEndpoint),
    cost('one instance always ready, GB-seconds', hoursOf(n) * 3600 * n.instanceGb, n.alwaysReadyGb),
  ];
}

function designPart(n, ours, naive) {
  const [done, naiveDone] = [ours, naive].map((costs) => perThousand(n, costs));
  const sums = [sumOf(ours), sumOf(naive)];
  const rows = ours.map(({ name, amount, price }, at) => {
    const other = naive[at].amount;
    const times = (other / amount).toFixed(1);
    return [name, count(amount), count(other), times, unit(price), dollars(amount * price), dollars(other * price)];
  });
  const sum = ['**sum**', '', '', (sums[1] / sums[0]).toFixed(1), '', dollars(sums[0]), dollars(sums[1])];
  // After the free grant, for so many rosters of this size.
  const left = (rosters) =>
    [ours, naive]
      .map((costs) => costs.at(-1))
      .map(({ amount, price }) => dollars(Math.max(0, amount * rosters - monthsOf(n) * FREE_GB_SECONDS) * price))
      .join(' and ');
  return [
    `**For each 1,000 patients: ${done}; naive ${naiveDone}.**`,
    'Depends on the design (app operations and three for each Durable commit on tables; three for each Durable message on queues):',
    table(['', 'this design', 'naive', 'times', 'price of one', 'this design', 'naive'], [...rows, sum]),
    `A hundred times as much, for 100,000 patients, is ${sums.map((one) => dollars(one * 100)).join(' and ')}; the first is too much, since a larger roster takes
less of everything a patient (\`npm run bench\`). All this is before the free grant of Flex Consumption on
demand (${count(FREE_GB_SECONDS)} GB-seconds and 250,000 executions a month), which over ${monthsOf(n)} months would leave ${left(1)} of the
GB-seconds to pay at 1,000 patients, and ${left(100)} at 100,000.`,
  ];
}

function perThousand(n, [tables, queues, executions]) {
  const each = (amount) => count((amount * 1_000) / n.patients);
  return `${each(tables.amount + queues.amount)} storage transactions and at most ${each(executions.amount)} function executions`;
}

function costTable(costs, withSum) {
  const rows = costs.map(({ name, amount, price }) => [name, count(amount), unit(price), dollars(amount * price)]);
  if (withSum) rows.push(['**sum**', '', '', dollars(sumOf(costs))]);
  return table(['', 'count', 'price of one', 'dollars'], rows);
}
