/**
 * The configuration file, in the official Service Bus emulator's format, turned into the core's settings. Limits: those of
 * Azure, and MaxDeliveryCount up to 10 as in the official emulator; its narrower bounds on times (times to live PT5M to
 * PT1H, duplicate detection up to PT5M) hold only with `isStrict`, because the same file may serve Azure and virtual time.
 */
import type { NamespaceSettings, QueueSettings, SubscriptionSettings, TopicSettings } from '../core/settings';
import { Problems, Reader } from './reader';
import { readRules } from './rules';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MEGABYTE = 1_048_576;
/** What the official emulator takes when nothing is said. */
const DEFAULTS = { lockDurationMs: MINUTE, maxDeliveryCount: 10, duplicateWindowMs: MINUTE, timeToLiveMs: HOUR };
const DELIVERIES_MAX = 10;

/** Known to Azure, of no effect here. */
const IDLE = ['AutoDeleteOnIdle', 'EnableBatchedOperations', 'EnablePartitioning', 'Status', 'UserMetadata'];
const QUEUE = [
  'DeadLetteringOnMessageExpiration',
  'DefaultMessageTimeToLive',
  'DuplicateDetectionHistoryTimeWindow',
  'ForwardDeadLetteredMessagesTo',
  'ForwardTo',
  'LockDuration',
  'MaxDeliveryCount',
  'MaxSizeInMegabytes',
  'RequiresDuplicateDetection',
  'RequiresSession',
  ...IDLE,
];
const TOPIC = [
  'DefaultMessageTimeToLive',
  'DuplicateDetectionHistoryTimeWindow',
  'MaxSizeInMegabytes',
  'RequiresDuplicateDetection',
  'SupportOrdering',
  ...IDLE,
];

export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
}

export interface ReadOptions {
  /** Refuse what the official emulator refuses. */
  readonly isStrict?: boolean;
}

/** @throws ConfigError naming every problem. */
export function readConfig(config: unknown, options: ReadOptions = {}): NamespaceSettings {
  const problems = new Problems();
  const root = new Reader('', config, problems);
  if (root.isAbsent || typeof config !== 'object') problems.add('(root)', config, 'an object with "UserConfig"');
  root.only(['UserConfig', '$schema']);
  const user = root.at('UserConfig').only(['Namespaces', 'Logging']);
  if (user.isAbsent) user.wrong('an object with "Namespaces"');
  readLogging(user.at('Logging'));
  const namespaces = user.at('Namespaces');
  if (!user.isAbsent && (!Array.isArray(namespaces.value) || namespaces.value.length !== 1)) {
    namespaces.wrong('a list with exactly one namespace');
  }
  const settings = readNamespace(namespaces.items()[0] ?? namespaces.at('0'), options);
  checkNames(settings, problems);
  if (problems.list.length > 0) throw new ConfigError(problems.list);
  return settings;
}

function readLogging(logging: Reader): void {
  if (logging.isAbsent) return;
  const type = logging.only(['Type']).at('Type');
  if (!['File', 'Console', 'Console,File', 'File,Console'].includes(String(type.value)))
    type.wrong('"File" or "Console"');
}

function readNamespace(namespace: Reader, options: ReadOptions): NamespaceSettings {
  if (namespace.isAbsent) return { name: '', queues: [], topics: [] };
  namespace.only(['Name', 'Queues', 'Topics']);
  return {
    name: namespace.at('Name').text('?'),
    queues: namespace
      .at('Queues')
      .items()
      .map((queue) => readQueue(queue, options)),
    topics: namespace
      .at('Topics')
      .items()
      .map((topic) => readTopic(topic, options)),
  };
}

function readQueue(queue: Reader, options: ReadOptions): QueueSettings {
  queue.only(['Name', 'Properties']);
  return { name: readName(queue.at('Name')), ...readProperties(queue.at('Properties').only(QUEUE), options) };
}

function readTopic(topic: Reader, options: ReadOptions): TopicSettings {
  topic.only(['Name', 'Properties', 'Subscriptions']);
  const properties = topic.at('Properties').only(TOPIC);
  const { defaultTimeToLiveMs, duplicateWindowMs } = readProperties(properties, options);
  return {
    name: readName(topic.at('Name')),
    defaultTimeToLiveMs,
    duplicateWindowMs,
    subscriptions: topic
      .at('Subscriptions')
      .items()
      .map((item) => readSubscription(item, options)),
  };
}

function readSubscription(subscription: Reader, options: ReadOptions): SubscriptionSettings {
  subscription.only(['Name', 'Properties', 'Rules']);
  return {
    name: readName(subscription.at('Name')),
    ...readProperties(subscription.at('Properties').only(QUEUE), options),
    rules: readRules(subscription.at('Rules')),
  };
}

function readName(name: Reader): string {
  const text = name.text('?');
  if (text !== '?' && !/^[A-Za-z0-9](?:[\w\-./]*[A-Za-z0-9_])?$/.test(text)) {
    name.wrong('letters, digits, ".", "-", "_" and "/", beginning and ending with a letter or digit');
  }
  return text;
}

type Bounds = readonly [leastMs: number, mostMs: number, range: string];

function readProperties(properties: Reader, { isStrict = false }: ReadOptions): Omit<QueueSettings, 'name'> {
  const ttl: Bounds = isStrict
    ? [5 * MINUTE, HOUR, 'from PT5M to PT1H (as the official emulator)']
    : [1, Infinity, 'longer than nothing'];
  const window: Bounds = isStrict
    ? [20_000, 5 * MINUTE, 'from PT20S to PT5M (as the official emulator)']
    : [1, 7 * DAY, 'up to P7D'];
  const at = (name: string): Reader => properties.at(name);
  const windowMs = at('DuplicateDetectionHistoryTimeWindow').duration(...window, DEFAULTS.duplicateWindowMs);
  return {
    lockDurationMs: at('LockDuration').duration(1, 5 * MINUTE, 'up to PT5M', DEFAULTS.lockDurationMs),
    maxDeliveryCount: at('MaxDeliveryCount').whole(1, DELIVERIES_MAX, DEFAULTS.maxDeliveryCount),
    defaultTimeToLiveMs: at('DefaultMessageTimeToLive').duration(...ttl, isStrict ? DEFAULTS.timeToLiveMs : Infinity),
    deadLetterOnExpiry: at('DeadLetteringOnMessageExpiration').flag(false),
    requiresSession: at('RequiresSession').flag(false),
    duplicateWindowMs: at('RequiresDuplicateDetection').flag(false) ? windowMs : 0,
    forwardTo: at('ForwardTo').optionalText(),
    forwardDeadLettersTo: at('ForwardDeadLetteredMessagesTo').optionalText(),
    sizeBytesMax: at('MaxSizeInMegabytes').whole(1, 81_920, Infinity) * MEGABYTE,
  };
}

function checkNames(settings: NamespaceSettings, problems: Problems): void {
  const path = 'UserConfig.Namespaces[0]';
  const names = new Set<string>();
  const claim = (name: string, at: string): void => {
    if (names.has(name.toLowerCase())) problems.add(at, name, 'a name that is not taken yet (case does not count)');
    names.add(name.toLowerCase());
  };
  settings.queues.forEach((queue, index) => claim(queue.name, `${path}.Queues[${index}].Name`));
  settings.topics.forEach((topic, index) => {
    claim(topic.name, `${path}.Topics[${index}].Name`);
    topic.subscriptions.forEach((subscription, place) =>
      claim(
        `${topic.name}/Subscriptions/${subscription.name}`,
        `${path}.Topics[${index}].Subscriptions[${place}].Name`,
      ),
    );
  });
  const check = (queue: QueueSettings, at: string): void => {
    for (const [name, target] of [
      ['ForwardTo', queue.forwardTo],
      ['ForwardDeadLetteredMessagesTo', queue.forwardDeadLettersTo],
    ] as const) {
      const isKnown = target === null || (names.has(target.toLowerCase()) && !/\/subscriptions\//i.test(target));
      if (!isKnown) problems.add(`${at}.Properties.${name}`, target, 'the name of a queue or topic of this namespace');
      if (target !== null && target.toLowerCase() === queue.name.toLowerCase()) {
        problems.add(`${at}.Properties.${name}`, target, 'another entity than this one');
      }
    }
  };
  settings.queues.forEach((queue, index) => check(queue, `${path}.Queues[${index}]`));
  settings.topics.forEach((topic, index) =>
    topic.subscriptions.forEach((item, place) => check(item, `${path}.Topics[${index}].Subscriptions[${place}]`)),
  );
}
