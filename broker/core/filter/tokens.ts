/** A reading position in the tokens of an expression, with the few moves a recursive parser needs. */
import { ExpressionError, tokenize, type Token } from './lexer';

export class Tokens {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(private readonly expression: string) {
    this.tokens = tokenize(expression);
  }

  get current(): Token {
    return this.tokens[this.position]!;
  }

  /** The token after the current one. */
  get following(): Token {
    return this.tokens[Math.min(this.position + 1, this.tokens.length - 1)]!;
  }

  /** The token after the ")" that closes the "(" at the current place. */
  afterParentheses(): Token {
    let depth = 0;
    for (let index = this.position; index < this.tokens.length; index++) {
      if (this.isSymbol('(', this.tokens[index])) depth++;
      if (this.isSymbol(')', this.tokens[index]) && --depth === 0) return this.tokens[index + 1]!;
    }
    return this.tokens[this.tokens.length - 1]!;
  }

  advance(): Token {
    const token = this.current;
    if (token.kind !== 'end') this.position++;
    return token;
  }

  isKeyword(word: string, token: Token = this.current): boolean {
    return token.kind === 'name' && token.text.toUpperCase() === word;
  }

  isSymbol(symbol: string, token: Token = this.current): boolean {
    return token.kind === 'symbol' && token.text === symbol;
  }

  /** Takes the key word if it comes next. */
  takeKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.advance();
    return true;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.advance();
    return true;
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail(`"${symbol}"`);
  }

  expectKeyword(word: string): void {
    if (!this.takeKeyword(word)) this.fail(word);
  }

  expectEnd(): void {
    if (this.current.kind !== 'end') this.fail('the end');
  }

  /** @throws ExpressionError saying what stands here and what was expected. */
  fail(expected: string): never {
    const { kind, text, at } = this.current;
    const found = kind === 'end' ? 'the end' : JSON.stringify(text);
    throw new ExpressionError(`expected ${expected} but found ${found} at position ${at} of: ${this.expression}`);
  }
}
