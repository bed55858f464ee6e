/**
 * Rules over `$management`: add, remove, list. The described types and their codes are those of Service Bus; the client
 * reads filter, action and name by their places.
 */
import { BrokerError, notAllowed } from '../core/errors';
import { CORRELATION_PROPERTIES, type CorrelationFilter } from '../core/filter/correlationFilter';
import type { RuleDescription, RuleFilter, Rules } from '../core/filter/rule';
import type { Answer, ManagementRequest } from './management';
import { types, type Typed } from './rheaTypes';

const RULE = 1335734829060;
const EMPTY_ACTION = 1335734829061;
const SQL_ACTION = 1335734829062;
const SQL_FILTER = 83483426822;
const CORRELATION_FILTER = 83483426825;
/** Version of the SQL dialect. */
const COMPATIBILITY = 20;

/** Names of the correlation properties on the wire, in their order there. */
const WIRE_NAMES = {
  correlationId: 'correlation-id',
  messageId: 'message-id',
  to: 'to',
  replyTo: 'reply-to',
  subject: 'label',
  sessionId: 'session-id',
  replyToSessionId: 'reply-to-session-id',
  contentType: 'content-type',
} as const;

export const RULE_OPERATIONS = {
  'com.microsoft:add-rule': addRule,
  'com.microsoft:remove-rule': removeRule,
  'com.microsoft:enumerate-rules': enumerateRules,
};

function rulesOf({ path, service }: ManagementRequest): Rules {
  const entity = service.namespace.entity(path);
  if (entity.kind === 'subscription' && entity.rules) return entity.rules;
  throw notAllowed(`'${path}' is not a subscription, so it has no rules.`);
}

function addRule(request: ManagementRequest): Answer {
  const name = request.body['rule-name'];
  if (typeof name !== 'string' || name === '') throw argument('rule-name', 'text', name);
  const description = ruleOf(request.body['rule-description']);
  rulesOf(request).add(name, description);
  request.service.namespace.changes.rule(request.path, name, description);
  return { status: 200, body: {} };
}

function removeRule(request: ManagementRequest): Answer {
  const name = String(request.body['rule-name']);
  rulesOf(request).remove(name);
  request.service.namespace.changes.rule(request.path, name, null);
  return { status: 200, body: {} };
}

function enumerateRules(request: ManagementRequest): Answer {
  const skip = Number(request.body['skip'] ?? 0);
  const rules = rulesOf(request)
    .entries()
    .slice(skip, skip + Number(request.body['top'] ?? 100));
  if (rules.length === 0) return { status: 204 };
  return {
    status: 200,
    body: { rules: rules.map(([name, rule]) => ({ 'rule-description': encodeRule(name, rule) })) },
  };
}

function ruleOf(given: unknown): RuleDescription {
  const description = (given ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const action = description['sql-rule-action']?.['expression'];
  return { filter: filterOf(description), ...(typeof action === 'string' ? { action } : {}) };
}

function filterOf(description: Record<string, Record<string, unknown> | undefined>): RuleFilter {
  if (description['sql-filter']) return { kind: 'sql', expression: String(description['sql-filter']['expression']) };
  if (description['correlation-filter'])
    return { kind: 'correlation', filter: correlationOf(description['correlation-filter']) };
  if ('true-filter' in description) return { kind: 'sql', expression: '1=1' };
  if ('false-filter' in description) return { kind: 'sql', expression: '1=0' };
  throw argument('rule-description', 'an sql-filter or a correlation-filter', Object.keys(description));
}

function correlationOf(given: Record<string, unknown>): CorrelationFilter {
  const filter: Record<string, unknown> = {};
  for (const name of CORRELATION_PROPERTIES) {
    const value = given[WIRE_NAMES[name]];
    if (value !== null && value !== undefined) filter[name] = String(value);
  }
  const properties = given['properties'];
  if (properties && Object.keys(properties).length > 0) filter['properties'] = properties;
  return filter as CorrelationFilter;
}

function encodeRule(name: string, { filter, action }: RuleDescription): Typed {
  const encodedAction =
    action === undefined
      ? types.wrap_described([], EMPTY_ACTION)
      : types.wrap_described([action, types.wrap_int(COMPATIBILITY)], SQL_ACTION);
  return types.wrap_described([encodeFilter(filter), encodedAction, name], RULE);
}

function encodeFilter(filter: RuleFilter): Typed {
  if (filter.kind === 'sql')
    return types.wrap_described([filter.expression, types.wrap_int(COMPATIBILITY)], SQL_FILTER);
  const values = CORRELATION_PROPERTIES.map((name) => filter.filter[name] ?? null);
  return types.wrap_described([...values, types.wrap_map(filter.filter.properties ?? {})], CORRELATION_FILTER);
}

function argument(name: string, expected: string, given: unknown): BrokerError {
  return new BrokerError(
    'com.microsoft:argument-error',
    `${name}: expected ${expected} but got ${JSON.stringify(given)}.`,
  );
}
