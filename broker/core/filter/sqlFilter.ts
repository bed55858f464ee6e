/**
 * Predicates of the Service Bus SQL dialect: AND, OR, NOT, comparisons, IN, LIKE … ESCAPE, IS [NOT] NULL, EXISTS, with
 * three-valued logic: a comparison with something unknown is unknown, and a message matches only where the whole is true.
 */
import type { Content } from '../message';
import { Tokens } from './tokens';
import { parseExpression, parseProperty, propertyValue, type Evaluate } from './sqlExpression';
import { compare, likeMatcher, type Maybe } from './values';

type Predicate = (content: Content) => Maybe<boolean>;

/** Nesting beyond this is refused, so that an expression cannot exhaust the stack. */
const DEPTH_MAX = 200;
/** As in Azure. */
const LENGTH_MAX = 1_024;

/** @throws ExpressionError when the expression is not a predicate; it says where. */
export function parseSqlFilter(expression: string): (content: Content) => boolean {
  const tokens = new Tokens(expression);
  if (expression.length > LENGTH_MAX) tokens.fail(`at most ${LENGTH_MAX} characters`);
  const predicate = parseOr(tokens, 0);
  tokens.expectEnd();
  return (content) => predicate(content) === true;
}

function parseOr(tokens: Tokens, depth: number): Predicate {
  let left = parseAnd(tokens, depth);
  while (tokens.takeKeyword('OR')) left = either(left, parseAnd(tokens, depth));
  return left;
}

function either(left: Predicate, right: Predicate): Predicate {
  return (content) => {
    const a = left(content);
    if (a === true) return true;
    const b = right(content);
    return b === true ? true : a === null || b === null ? null : false;
  };
}

function parseAnd(tokens: Tokens, depth: number): Predicate {
  let left = parseNot(tokens, depth);
  while (tokens.takeKeyword('AND')) left = both(left, parseNot(tokens, depth));
  return left;
}

function both(left: Predicate, right: Predicate): Predicate {
  return (content) => {
    const a = left(content);
    if (a === false) return false;
    const b = right(content);
    return b === false ? false : a === null || b === null ? null : true;
  };
}

function parseNot(tokens: Tokens, depth: number): Predicate {
  if (depth > DEPTH_MAX) tokens.fail(`at most ${DEPTH_MAX} levels of nesting`);
  if (!tokens.takeKeyword('NOT')) return parsePrimary(tokens, depth);
  return negated(parseNot(tokens, depth + 1));
}

function negated(inner: Predicate): Predicate {
  return (content) => {
    const value = inner(content);
    return value === null ? null : !value;
  };
}

function parsePrimary(tokens: Tokens, depth: number): Predicate {
  if (tokens.isKeyword('EXISTS') && tokens.isSymbol('(', tokens.following)) {
    tokens.advance();
    tokens.expectSymbol('(');
    const value = propertyValue(parseProperty(tokens));
    tokens.expectSymbol(')');
    return (content) => value(content) !== null;
  }
  if (tokens.isSymbol('(') && isPredicateInParentheses(tokens)) {
    tokens.advance();
    const inner = parseOr(tokens, depth + 1);
    tokens.expectSymbol(')');
    return inner;
  }
  return parseComparison(tokens, parseExpression(tokens));
}

/** Looks past the matching ")": arithmetic or a comparison after it means that the parentheses hold a value. */
function isPredicateInParentheses(tokens: Tokens): boolean {
  const after = tokens.afterParentheses();
  if (after.kind === 'symbol') return after.text === ')';
  return !['IN', 'LIKE', 'NOT', 'IS'].some((word) => tokens.isKeyword(word, after));
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function parseComparison(tokens: Tokens, left: Evaluate): Predicate {
  const test = tokens.current.kind === 'symbol' ? COMPARISONS[tokens.current.text] : undefined;
  if (test) {
    tokens.advance();
    const right = parseExpression(tokens);
    return (content) => {
      const order = compare(left(content), right(content));
      return order === null ? null : test(order);
    };
  }
  if (tokens.takeKeyword('IS')) {
    const isNot = tokens.takeKeyword('NOT');
    tokens.expectKeyword('NULL');
    return (content) => (left(content) === null) !== isNot;
  }
  const isNot = tokens.takeKeyword('NOT');
  if (tokens.takeKeyword('IN')) return isNot ? negated(parseIn(tokens, left)) : parseIn(tokens, left);
  if (tokens.takeKeyword('LIKE')) return isNot ? negated(parseLike(tokens, left)) : parseLike(tokens, left);
  if (isNot) tokens.fail('IN or LIKE after NOT');
  return (content) => {
    const value = left(content);
    return typeof value === 'boolean' ? value : null;
  };
}

function parseIn(tokens: Tokens, left: Evaluate): Predicate {
  tokens.expectSymbol('(');
  const choices = [parseExpression(tokens)];
  while (tokens.takeSymbol(',')) choices.push(parseExpression(tokens));
  tokens.expectSymbol(')');
  return (content) => {
    const value = left(content);
    if (value === null) return null;
    const orders = choices.map((choice) => compare(value, choice(content)));
    if (orders.includes(0)) return true;
    return choices.some((choice) => choice(content) === null) ? null : false;
  };
}

function parseLike(tokens: Tokens, left: Evaluate): Predicate {
  const pattern = parseExpression(tokens);
  const escape = tokens.takeKeyword('ESCAPE') ? parseExpression(tokens) : null;
  let lastKey = '';
  let lastMatcher: RegExp | null = null;
  return (content) => {
    const text = left(content);
    const like = pattern(content);
    const mark = escape ? escape(content) : null;
    if (typeof text !== 'string' || typeof like !== 'string') return null;
    if (escape && (typeof mark !== 'string' || [...mark].length !== 1)) return null;
    const key = `${String(mark)} ${like}`;
    if (!lastMatcher || lastKey !== key) lastMatcher = likeMatcher(like, mark as string | null);
    lastKey = key;
    return lastMatcher.test(text);
  };
}
