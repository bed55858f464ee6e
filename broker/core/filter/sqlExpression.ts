/**
 * Value expressions of the Service Bus SQL dialect: constants, properties (`name`, `user.name`, `sys.Name`), arithmetic,
 * `property(name)` and `newid()`. Parsed once into functions of a message.
 */
import { randomUUID } from 'node:crypto';
import type { Content } from '../message';
import { ExpressionError } from './lexer';
import type { Tokens } from './tokens';
import { calculate, numberOf, type Arithmetic, type FilterValue, type Maybe } from './values';

export type Evaluate = (content: Content) => Maybe<FilterValue>;

export interface Property {
  readonly scope: 'sys' | 'user';
  /** As written; of `sys` in lower case. */
  readonly name: string;
}

const RESERVED = ['AND', 'OR', 'NOT', 'IN', 'LIKE', 'IS', 'NULL', 'ESCAPE', 'EXISTS', 'TRUE', 'FALSE', 'SET', 'REMOVE'];

/** System properties an expression may name, in lower case. Another one is an error when the rule is made. */
export const SYSTEM_PROPERTIES: readonly string[] = [
  'contenttype',
  'correlationid',
  'deliverycount',
  'enqueuedtimeutc',
  'expiresatutc',
  'label',
  'messageid',
  'partitionkey',
  'replyto',
  'replytosessionid',
  'scheduledenqueuetimeutc',
  'sessionid',
  'size',
  'subject',
  'timetolive',
  'to',
];

export function parseExpression(tokens: Tokens): Evaluate {
  let left = parseTerm(tokens);
  while (tokens.isSymbol('+') || tokens.isSymbol('-')) left = binary(tokens.advance().text, left, parseTerm(tokens));
  return left;
}

function parseTerm(tokens: Tokens): Evaluate {
  let left = parseFactor(tokens);
  while (tokens.isSymbol('*') || tokens.isSymbol('/') || tokens.isSymbol('%')) {
    left = binary(tokens.advance().text, left, parseFactor(tokens));
  }
  return left;
}

function binary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  return (content) => calculate(operator as Arithmetic, left(content), right(content));
}

function parseFactor(tokens: Tokens): Evaluate {
  if (tokens.takeSymbol('+')) return signed(parseFactor(tokens), 1);
  if (tokens.takeSymbol('-')) return signed(parseFactor(tokens), -1);
  if (tokens.takeSymbol('(')) {
    const inner = parseExpression(tokens);
    tokens.expectSymbol(')');
    return inner;
  }
  const { kind, text } = tokens.current;
  if (kind === 'number' || kind === 'string') {
    tokens.advance();
    const value = kind === 'number' ? Number(text) : text;
    return () => value;
  }
  if (tokens.takeKeyword('TRUE')) return () => true;
  if (tokens.takeKeyword('FALSE')) return () => false;
  if (tokens.takeKeyword('NULL')) return () => null;
  return parseFunction(tokens) ?? propertyValue(parseProperty(tokens));
}

function signed(inner: Evaluate, sign: 1 | -1): Evaluate {
  return (content) => {
    const value = numberOf(inner(content));
    return value === null ? null : sign * value;
  };
}

function parseFunction(tokens: Tokens): Evaluate | null {
  if (tokens.current.kind !== 'name' || !tokens.isSymbol('(', tokens.following)) return null;
  const name = tokens.current.text.toLowerCase();
  if (name !== 'newid' && name !== 'property' && name !== 'p') tokens.fail('newid() or property(name)');
  tokens.advance();
  tokens.expectSymbol('(');
  const evaluate = name === 'newid' ? () => randomUUID() : propertyValue(parseNamedProperty(tokens));
  tokens.expectSymbol(')');
  return evaluate;
}

/** Inside `property(…)` the name may also be given as text. */
function parseNamedProperty(tokens: Tokens): Property {
  if (tokens.current.kind === 'string') return { scope: 'user', name: tokens.advance().text };
  return parseProperty(tokens);
}

/** @throws ExpressionError for a name that cannot be one, or a system property that does not exist. */
export function parseProperty(tokens: Tokens): Property {
  const { kind, text } = tokens.current;
  const isName = kind === 'quotedName' || (kind === 'name' && !RESERVED.includes(text.toUpperCase()));
  if (!isName) tokens.fail('a value, a property or "("');
  tokens.advance();
  const scope = text.toLowerCase();
  if (kind !== 'name' || (scope !== 'sys' && scope !== 'user') || !tokens.isSymbol('.')) {
    return { scope: 'user', name: text };
  }
  tokens.advance();
  const part = tokens.current;
  if (part.kind !== 'name' && part.kind !== 'quotedName') tokens.fail(`a name after ${text}.`);
  tokens.advance();
  if (scope === 'user') return { scope, name: part.text };
  const name = part.text.toLowerCase();
  if (!SYSTEM_PROPERTIES.includes(name)) {
    throw new ExpressionError(`no system property sys.${part.text}; there are: ${SYSTEM_PROPERTIES.join(', ')}`);
  }
  return { scope, name };
}

export function propertyValue(property: Property): Evaluate {
  const { name } = property;
  if (property.scope === 'sys') return (content) => content.systemProperty(name) ?? null;
  return (content) => content.userProperty(name);
}
