/**
 * Works out docs/cost.md from its own tables of counts and prices: prints the result, `--write` puts it in its place there,
 * `--check` exits with 1 where the page says something else. The formulas are here and, as text, in the rows they make.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PAGE = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'cost.md');
const START = '<!-- from here on written by infra/cost.mjs -->\n';
const END = '<!-- end -->';

/** Every row of a table whose first column is a name in code type and whose second is a number. */
export function numbersOf(page) {
  const rows = [...page.matchAll(/^\| `(\w+)` +\| +([\d.]+) +\|/gm)];
  return Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)]));
}

/** What both designs do, from the counts: `n` by name; throws where a name is missing from the page. */
function work(n) {
  const days = n.patients * n.weeks * 5 * n.naiveShareOfDays;
  const naiveActivities = days + n.textSegments;
  const inputs = n.receipts + n.incomingTexts + n.otherInputs;
  // Each message that is not a domain event calls a function, at most (a batch is one call): outbound, receipts and replies
  // (once as the carrier's event and
  // once as what it means), other inputs.
  const handled = n.textSegments + 2 * (n.receipts + n.incomingTexts) + n.otherInputs;
  return {
    ours: {
      operations: n.appOperations,
      messages: n.durableMessages,
      commits: n.durableCommits,
      executions: n.replays + n.activities + n.entityTurns + n.httpRequests + handled,
    },
    naive: {
      operations: days * n.naiveOperationsADay + n.textSegments * n.naiveOperationsAText + inputs * 2,
      messages: days * n.naiveMessagesADay + n.textSegments * n.naiveMessagesAText + inputs,
      commits: days * n.naiveCommitsADay + n.textSegments * n.naiveCommitsAText + inputs,
      executions: days * n.naiveReplaysADay + n.textSegments + naiveActivities + n.httpRequests + handled,
    },
    // A domain event goes to the topic and to its subscription.
    busMessages: handled + 2 * (n.textSegments + inputs),
    events: n.receipts + n.incomingTexts,
  };
}

function workedOut(n) {
  const { ours, naive, busMessages, events } = work(n);
  const hours = n.weeks * 7 * 24;
  const months = Math.ceil((n.weeks * 7) / 30);
  const both = (formula) => [formula(ours), formula(naive)];
  const tables = (w) => w.operations + w.commits * n.tableOperations;
  const queues = (w) => w.messages * n.queueOperations;
  const gbSeconds = (w) => w.executions * n.secondsAnExecution * n.instanceGb;
  const design = [
    ['table operations', both(tables), n.tableOperation / 10_000],
    ['queue operations', both(queues), n.queueOperation / 10_000],
    ['function executions', both((w) => w.executions), n.execution / 1_000_000],
    ['GB-seconds, at most', both(gbSeconds), n.gbSecond],
  ];
  const totals = [0, 1].map((at) => design.reduce((sum, [, counts, price]) => sum + counts[at] * price, 0));
  const same = [
    ['texts sent, segments', n.textSegments, n.textSent],
    ['texts received', n.incomingTexts, n.textReceived],
    [`the number, ${months} months`, months, n.number],
    ['Event Grid, events', events, n.event / 1_000_000],
    ['Service Bus standard, hours', hours, n.busBaseHour],
  ];
  const sum = same.reduce((total, [, count, price]) => total + count * price, 0);
  const closed = [
    ['Service Bus premium instead of standard, hours', hours, n.busPremiumHour - n.busBaseHour],
    ['five private endpoints, hours', hours * 5, n.privateEndpoint],
    ['one instance always ready, GB-seconds', hours * 3600 * n.instanceGb, n.alwaysReadyGb],
  ];
  return [
    'Depends on the design (app operations and three for each Durable commit on tables; three for each Durable message on queues):',
    table(
      ['', 'this design', 'naive', 'times', 'price of one', 'this design', 'naive'],
      [
        ...design.map(([name, [a, b], price]) => [
          name,
          count(a),
          count(b),
          (b / a).toFixed(1),
          unit(price),
          dollars(a * price),
          dollars(b * price),
        ]),
        ['**sum**', '', '', (totals[1] / totals[0]).toFixed(1), '', dollars(totals[0]), dollars(totals[1])],
      ],
    ),
    `For 100,000 patients the sums are ${dollars(totals[0] * 100)} and ${dollars(totals[1] * 100)}. All this is before the free grant of Flex Consumption on
demand (100,000 GB-seconds and 250,000 executions a month), which over ${months} months would leave ${both(gbSeconds)
      .map((used) => dollars(leftOver(used, months, 100_000) * n.gbSecond))
      .join(' and ')} of the
GB-seconds to pay at 1,000 patients, and ${both(gbSeconds)
      .map((used) => dollars(leftOver(used * 100, months, 100_000) * n.gbSecond))
      .join(' and ')} at 100,000.`,
    'The same in both:',
    table(
      ['', 'count', 'price of one', 'dollars'],
      [
        ...same.map(([name, c, price]) => [name, count(c), unit(price), dollars(c * price)]),
        ['**sum**', '', '', dollars(sum)],
      ],
    ),
    `Service Bus moves about ${count(busMessages)} messages, ${count(busMessages * n.busOperations)} operations, of 13 million included each month. **One pilot on
development settings: ${dollars(sum + totals[0])}; naive ${dollars(sum + totals[1])}.**`,
    'Production settings (private endpoints, an instance kept warm) cost, over the nine weeks and whatever the number of patients:',
    table(
      ['', 'count', 'price of one', 'dollars'],
      closed.map(([name, c, price]) => [name, count(c), unit(price), dollars(c * price)]),
    ),
  ].join('\n\n');
}

const leftOver = (used, months, free) => Math.max(0, used - months * free);
const count = (value) => Math.round(value).toLocaleString('en-US');
const dollars = (value) => {
  const digits = value > 0 && value < 0.1 ? 4 : 2;
  return `$${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
};
const unit = (value) => `$${Number(value.toPrecision(3)).toFixed(12).replace(/0+$/, '').replace(/\.$/, '')}`;

function table(head, rows) {
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((row) => row[at].length)));
  const line = (cells, pad) => `| ${cells.map((cell, at) => pad(cell, at)).join(' | ')} |`;
  const pad = (cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]));
  const rule = head.map((_, at) => (at === 0 ? '-'.repeat(widths[at]) : `${'-'.repeat(widths[at] - 1)}:`));
  return [line(head, pad), line(rule, (cell) => cell), ...rows.map((row) => line(row, pad))].join('\n');
}

/** The page with what is worked out in its place. Throws where a count or price is missing or the place is. */
export function rewritten(page) {
  const missing = (name) => {
    throw new Error(`docs/cost.md: no number \`${name}\` in its tables`);
  };
  const numbers = new Proxy(numbersOf(page), { get: (known, name) => known[name] ?? missing(String(name)) });
  const [from, to] = [page.indexOf(START), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error('docs/cost.md: no place between the two comments under "Worked out"');
  return `${page.slice(0, from)}${START}\n${workedOut(numbers)}\n\n${page.slice(to)}`;
}

const before = readFileSync(PAGE, 'utf8');
const after = rewritten(before);
if (process.argv.includes('--write')) writeFileSync(PAGE, after);
else if (process.argv.includes('--check')) {
  if (before !== after) console.error('docs/cost.md: not what its tables come to; node infra/cost.mjs --write');
  process.exitCode = before === after ? 0 : 1;
} else console.log(after.slice(after.indexOf(START) + START.length, after.indexOf(END)).trim());
