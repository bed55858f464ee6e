/**
 * Rules of a subscription: which messages come in, and what is changed in the copy. Several matching rules without an
 * action give one copy; each matching rule with an action gives a copy of its own.
 */
import { BrokerError } from '../errors';
import type { Content } from '../message';
import { correlationMatcher, type CorrelationFilter } from './correlationFilter';
import { ExpressionError } from './lexer';
import { parseSqlAction } from './sqlAction';
import { parseSqlFilter } from './sqlFilter';

export type RuleFilter =
  | { readonly kind: 'sql'; readonly expression: string }
  | { readonly kind: 'correlation'; readonly filter: CorrelationFilter };

export interface RuleDescription {
  readonly filter: RuleFilter;
  readonly action?: string;
}

/** The rule a subscription has when nothing else is said: everything comes in. */
export const DEFAULT_RULE = '$Default';
export const EVERYTHING: RuleDescription = { filter: { kind: 'sql', expression: '1=1' } };

interface CompiledRule {
  readonly description: RuleDescription;
  readonly isMatch: (content: Content) => boolean;
  readonly act: ((content: Content) => Content) | null;
}

export class Rules {
  private readonly byName = new Map<string, CompiledRule>();

  /** @throws BrokerError when the name is taken or an expression cannot be read. */
  add(name: string, description: RuleDescription): void {
    if (this.byName.has(name)) {
      throw new BrokerError('com.microsoft:entity-already-exists', `A rule named '${name}' exists already.`);
    }
    this.byName.set(name, compile(name, description));
  }

  /** @throws BrokerError when there is none of that name; the client maps it to MessagingEntityNotFound. */
  remove(name: string): void {
    if (this.byName.delete(name)) return;
    throw new BrokerError('amqp:not-found', `The messaging entity 'rule ${name}' could not be found.`);
  }

  clear(): void {
    this.byName.clear();
  }

  entries(): [string, RuleDescription][] {
    return [...this.byName].map(([name, rule]) => [name, rule.description]);
  }

  /** The copies to be put in the subscription: none when no rule matches. */
  copiesOf(content: Content): Content[] {
    const copies: Content[] = [];
    let hasPlain = false;
    for (const { isMatch, act } of this.byName.values()) {
      if ((!act && hasPlain) || !isMatch(content)) continue;
      copies.push(act ? act(content) : content);
      hasPlain ||= !act;
    }
    return copies;
  }
}

function compile(name: string, description: RuleDescription): CompiledRule {
  const { filter, action } = description;
  try {
    const isMatch = filter.kind === 'sql' ? parseSqlFilter(filter.expression) : correlationMatcher(filter.filter);
    return { description, isMatch, act: action === undefined ? null : parseSqlAction(action) };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new BrokerError('com.microsoft:argument-error', `Rule '${name}': ${error.message}`);
  }
}
