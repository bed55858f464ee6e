/** The configuration: what it becomes, and that every problem is named at once. */
import { readFileSync } from 'node:fs';
import { ConfigError, readConfig } from '../config/readConfig';
import { parseDuration } from '../config/durations';
import { CONFIG, MINUTE } from './support';

const withQueue = (properties: object, name: unknown = 'q') => ({
  UserConfig: { Namespaces: [{ Name: 'n', Queues: [{ Name: name, Properties: properties }], Topics: [] }] },
});
const problems = (config: unknown, isStrict = false): readonly string[] => {
  try {
    readConfig(config, { isStrict });
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
};

test.each([
  ['PT1M', 60_000],
  ['PT1H30M', 5_400_000],
  ['P14D', 14 * 86_400_000],
  ['P1W', 7 * 86_400_000],
  ['PT0.5S', 500],
  ['P10675199DT2H48M5.4775807S', Infinity],
  ['', null],
  ['P', null],
  ['PT', null],
  ['1M', null],
  ['PT1X', null],
  ['P1Y', null],
])('the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test('a file in the official format is read', () => {
  const official = JSON.parse(readFileSync(`${__dirname}/officialConfig.json`, 'utf8')) as unknown;
  expect(problems(official, true)).toEqual([]);
  const { queues, topics } = readConfig(official);
  expect(queues[0]).toMatchObject({
    name: 'queue.1',
    lockDurationMs: MINUTE,
    maxDeliveryCount: 3,
    defaultTimeToLiveMs: 60 * MINUTE,
  });
  expect(topics[0]!.subscriptions.map(({ name }) => name)).toEqual(['subscription.1', 'subscription.2']);
  expect(topics[0]!.subscriptions[0]!.rules['app-prop-filter-1']!.filter).toEqual({
    kind: 'correlation',
    filter: { contentType: 'application/text', subject: 'subject1', properties: { kind: 'a' } },
  });
});

test('nothing given is as in the official emulator, but messages do not expire', () => {
  expect(readConfig(withQueue({})).queues[0]).toEqual({
    name: 'q',
    lockDurationMs: MINUTE,
    maxDeliveryCount: 10,
    defaultTimeToLiveMs: Infinity,
    deadLetterOnExpiry: false,
    requiresSession: false,
    duplicateWindowMs: 0,
    forwardTo: null,
    forwardDeadLettersTo: null,
    sizeBytesMax: Infinity,
  });
  expect(readConfig(withQueue({}), { isStrict: true }).queues[0]!.defaultTimeToLiveMs).toBe(60 * MINUTE);
});

const AT = 'UserConfig.Namespaces[0].Queues[0]';

test.each<[properties: object, problem: string]>([
  [{ MaxDeliveryCount: 11 }, `${AT}.Properties.MaxDeliveryCount: expected a whole number from 1 to 10, but found 11`],
  [{ MaxDeliveryCount: 0 }, 'expected a whole number from 1 to 10, but found 0'],
  [{ MaxDeliveryCount: '3' }, 'expected a whole number from 1 to 10, but found "3"'],
  [{ LockDuration: 'PT6M' }, 'LockDuration: expected an ISO 8601 duration up to PT5M, but found "PT6M"'],
  [{ LockDuration: 'a minute' }, 'LockDuration: expected an ISO 8601 duration up to PT5M, but found "a minute"'],
  [{ DefaultMessageTimeToLive: 'PT0S' }, 'DefaultMessageTimeToLive: expected an ISO 8601 duration longer than nothing'],
  [{ DuplicateDetectionHistoryTimeWindow: 'P8D' }, 'expected an ISO 8601 duration up to P7D, but found "P8D"'],
  [{ RequiresSession: 'yes' }, 'RequiresSession: expected true or false, but found "yes"'],
  [{ ForwardTo: 'nobody' }, 'ForwardTo: expected the name of a queue or topic of this namespace, but found "nobody"'],
  [{ ForwardTo: 'q' }, 'ForwardTo: expected another entity than this one, but found "q"'],
  [{ MaxDeliverCount: 3 }, 'MaxDeliverCount: expected no such name here'],
])('%j', (properties, problem) => {
  const found = problems(withQueue(properties));
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(problem);
});

test('all problems are named, each with path, value and what was expected', () => {
  const config = {
    UserConfig: {
      Namespaces: [
        {
          Name: 'n',
          Queues: [{ Name: 'a' }, { Name: 'A' }, { Name: '-' }, {}],
          Topics: [
            {
              Name: 't',
              Subscriptions: [
                {
                  Name: 's',
                  Rules: [
                    { Name: 'r1', Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression: 'a = ' } } },
                    { Name: 'r2', Properties: { FilterType: 'Other' } },
                    { Name: 'r3', Properties: { FilterType: 'Correlation' } },
                  ],
                },
              ],
            },
          ],
        },
      ],
      Logging: { Type: 'Paper' },
    },
  };
  const found = problems(config).join('\n');
  for (const part of [
    'Queues[1].Name: expected a name that is not taken yet (case does not count), but found "A"',
    'Queues[2].Name: expected letters, digits',
    'Queues[3].Name: expected text, but found nothing',
    'Rules[0].Properties.SqlFilter.SqlExpression: expected an SQL filter: expected a value',
    'Rules[1].Properties.FilterType: expected "Sql" or "Correlation", but found "Other"',
    'Rules[2].Properties.CorrelationFilter: expected an object with the properties to compare, but found nothing',
    'UserConfig.Logging.Type: expected "File" or "Console", but found "Paper"',
  ]) {
    expect(found).toContain(part);
  }
});

test.each([[null], ['text'], [[]], [{}], [{ UserConfig: {} }], [{ UserConfig: { Namespaces: [] } }]])(
  'not a configuration: %j',
  (config) => {
    expect(problems(config).length).toBeGreaterThan(0);
  },
);

test('strict refuses the times that the official emulator refuses', () => {
  expect(problems(withQueue({ DefaultMessageTimeToLive: 'PT2H' }), true)[0]).toContain('from PT5M to PT1H');
  expect(problems(withQueue({ DefaultMessageTimeToLive: 'PT2H' }))).toEqual([]);
  expect(problems(withQueue({ DuplicateDetectionHistoryTimeWindow: 'PT6M' }), true)[0]).toContain('from PT20S to PT5M');
  expect(problems(CONFIG)).toEqual([]);
});
