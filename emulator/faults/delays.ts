/**
 * Which messages the real service may bring late or in another order: answers to an orchestration, each of which names
 * what it answers. Starts, external events and messages to entities keep their order.
 */
import type { Message } from '../core/types';

export const mayBeDelayed = (message: Message): boolean => message.kind === 'event' && message.executionId !== null;
