/**
 * Correlation filters: every property named must be equal. Text is compared with case; a property that is not named is
 * not looked at.
 */
import type { Content } from '../message';
import { compare, type FilterValue } from './values';

export interface CorrelationFilter {
  readonly correlationId?: string;
  readonly messageId?: string;
  readonly to?: string;
  readonly replyTo?: string;
  readonly subject?: string;
  readonly sessionId?: string;
  readonly replyToSessionId?: string;
  readonly contentType?: string;
  readonly properties?: Readonly<Record<string, FilterValue>>;
}

export const CORRELATION_PROPERTIES = [
  'correlationId',
  'messageId',
  'to',
  'replyTo',
  'subject',
  'sessionId',
  'replyToSessionId',
  'contentType',
] as const;

export function correlationMatcher(filter: CorrelationFilter): (content: Content) => boolean {
  const system = CORRELATION_PROPERTIES.filter((name) => filter[name] !== undefined);
  const user = Object.entries(filter.properties ?? {});
  return (content) =>
    system.every((name) => String(content.systemProperty(name.toLowerCase()) ?? '') === filter[name]) &&
    user.every(([name, value]) => compare(content.userProperty(name), value) === 0);
}
