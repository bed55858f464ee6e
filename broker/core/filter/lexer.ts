/**
 * Splits a filter or action expression into tokens. Names may be plain, "quoted" or [delimited]; only plain ones can be
 * key words. Strings are '…' with '' for a quote.
 */
export type TokenKind = 'name' | 'quotedName' | 'string' | 'number' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The value: of a name or string without its quotes. */
  readonly text: string;
  /** Place of its first character, from 0. */
  readonly at: number;
}

/** An expression that cannot be read: what was found, where, and what was expected. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const NAME = /[\p{L}_@#][\p{L}\p{N}_@#$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOL = /<>|!=|>=|<=|[=<>+\-*/%(),.;]/y;
const SPACE = /\s+/y;

export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = match(SPACE, expression, 0)?.length ?? 0;
  while (at < expression.length) {
    const { token, length } = next(expression, at);
    tokens.push(token);
    at += length;
    at += match(SPACE, expression, at)?.length ?? 0;
  }
  tokens.push({ kind: 'end', text: 'the end', at });
  return tokens;
}

function next(expression: string, at: number): { token: Token; length: number } {
  const first = expression[at]!;
  if (first === "'") return enclosed(expression, at, "'", 'string');
  if (first === '"') return enclosed(expression, at, '"', 'quotedName');
  if (first === '[') return enclosed(expression, at, ']', 'quotedName');
  for (const [pattern, kind] of [
    [NUMBER, 'number'],
    [NAME, 'name'],
    [SYMBOL, 'symbol'],
  ] as const) {
    const text = match(pattern, expression, at);
    if (text !== null) return { token: { kind, text, at }, length: text.length };
  }
  throw new ExpressionError(`unexpected character ${JSON.stringify(first)} at position ${at} of: ${expression}`);
}

/** Text up to the closing mark; the mark doubled stands for itself. */
function enclosed(expression: string, at: number, close: string, kind: TokenKind): { token: Token; length: number } {
  let text = '';
  for (let index = at + 1; index < expression.length; index++) {
    const character = expression[index]!;
    if (character !== close) text += character;
    else if (expression[index + 1] === close) {
      text += close;
      index++;
    } else return { token: { kind, text, at }, length: index + 1 - at };
  }
  throw new ExpressionError(`no closing ${close} for the ${expression[at]} at position ${at} of: ${expression}`);
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
