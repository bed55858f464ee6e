/** Rules of a subscription in the configuration: SQL and correlation filters, and SQL actions. */
import { parseSqlAction } from '../core/filter/sqlAction';
import { parseSqlFilter } from '../core/filter/sqlFilter';
import type { RuleDescription, RuleFilter } from '../core/filter/rule';
import { isObject, type Reader } from './reader';

const CORRELATION_NAMES: Readonly<Record<string, string>> = {
  ContentType: 'contentType',
  CorrelationId: 'correlationId',
  Label: 'subject',
  MessageId: 'messageId',
  ReplyTo: 'replyTo',
  ReplyToSessionId: 'replyToSessionId',
  SessionId: 'sessionId',
  Subject: 'subject',
  To: 'to',
};

export function readRules(list: Reader): Record<string, RuleDescription> {
  const rules: Record<string, RuleDescription> = {};
  for (const item of list.items()) {
    item.only(['Name', 'Properties']);
    const name = item.at('Name').text('?');
    if (name in rules) item.at('Name').wrong('a name that no other rule of this subscription has');
    rules[name] = readRule(item.at('Properties'));
  }
  return rules;
}

function readRule(properties: Reader): RuleDescription {
  properties.only(['FilterType', 'SqlFilter', 'CorrelationFilter', 'Action']);
  const filter = readFilter(properties);
  const action = properties.at('Action').only(['SqlExpression']).at('SqlExpression');
  if (action.isAbsent) return { filter };
  const expression = action.text('');
  tryParse(action, () => parseSqlAction(expression), 'an action (SET name = value; REMOVE name)');
  return { filter, action: expression };
}

function readFilter(properties: Reader): RuleFilter {
  const kind = properties.at('FilterType');
  if (kind.value === 'Correlation')
    return { kind: 'correlation', filter: readCorrelation(properties.at('CorrelationFilter')) };
  if (kind.value !== 'Sql') kind.wrong('"Sql" or "Correlation"');
  const text = properties.at('SqlFilter').only(['SqlExpression']).at('SqlExpression');
  const expression = kind.value === 'Sql' ? text.text('1=1') : '1=1';
  if (!text.isAbsent) tryParse(text, () => parseSqlFilter(expression), 'an SQL filter');
  return { kind: 'sql', expression };
}

function tryParse(at: Reader, parse: () => unknown, expected: string): void {
  try {
    parse();
  } catch (error) {
    at.wrong(`${expected}: ${(error as Error).message}`);
  }
}

function readCorrelation(given: Reader): Extract<RuleFilter, { kind: 'correlation' }>['filter'] {
  given.only([...Object.keys(CORRELATION_NAMES), 'Properties']);
  if (!isObject(given.value)) given.wrong('an object with the properties to compare');
  const filter: Record<string, unknown> = {};
  for (const [name, ours] of Object.entries(CORRELATION_NAMES)) {
    const value = given.at(name).optionalText();
    if (value !== null) filter[ours] = value;
  }
  const properties = given.at('Properties');
  if (!properties.isAbsent) filter['properties'] = isObject(properties.value) ? properties.value : {};
  if (isObject(properties.value)) {
    for (const [name, value] of Object.entries(properties.value)) {
      const isScalar = ['string', 'number', 'boolean'].includes(typeof value);
      if (!isScalar) properties.at(name).wrong('text, a number, true or false');
    }
  }
  return filter;
}
