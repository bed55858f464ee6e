/**
 * Rule actions: `SET name = expression` and `REMOVE name`, several separated by ";" or by nothing. They change the copy
 * that goes to the subscription. System properties that identify or time a message cannot be changed.
 */
import type { Content, PropertyChanges } from '../message';
import { ExpressionError } from './lexer';
import { parseExpression, parseProperty, type Evaluate, type Property } from './sqlExpression';
import { Tokens } from './tokens';

const WRITABLE = ['contenttype', 'correlationid', 'label', 'subject', 'replyto', 'replytosessionid', 'sessionid', 'to'];
/** As in Azure. */
const STATEMENTS_MAX = 32;

interface Statement {
  readonly property: Property;
  /** Null: remove it. */
  readonly value: Evaluate | null;
}

/** @throws ExpressionError when the action cannot be read or touches what it may not. */
export function parseSqlAction(expression: string): (content: Content) => Content {
  const tokens = new Tokens(expression);
  const statements: Statement[] = [];
  while (tokens.current.kind !== 'end') {
    if (statements.length === STATEMENTS_MAX) tokens.fail(`at most ${STATEMENTS_MAX} statements`);
    statements.push(parseStatement(tokens));
    while (tokens.takeSymbol(';'));
  }
  if (statements.length === 0) tokens.fail('SET or REMOVE');
  return (content) => statements.reduce(applyStatement, content);
}

function parseStatement(tokens: Tokens): Statement {
  if (tokens.takeKeyword('REMOVE')) return { property: parseTarget(tokens), value: null };
  tokens.expectKeyword('SET');
  const property = parseTarget(tokens);
  tokens.expectSymbol('=');
  return { property, value: parseExpression(tokens) };
}

function parseTarget(tokens: Tokens): Property {
  const property = parseProperty(tokens);
  if (property.scope === 'sys' && !WRITABLE.includes(property.name)) {
    throw new ExpressionError(`sys.${property.name} cannot be changed; those that can: ${WRITABLE.join(', ')}`);
  }
  return property;
}

function applyStatement(content: Content, { property, value }: Statement): Content {
  const changed = { [property.name]: value ? value(content) : null };
  const changes: PropertyChanges = property.scope === 'sys' ? { system: changed } : { user: changed };
  return content.withProperties(changes);
}
