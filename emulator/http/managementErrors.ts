/**
 * Error bodies of the management API: Message, ExceptionMessage, ExceptionType, StackTrace (where the real host threw).
 * Source: contract I; recorded/management-errors, suspend-resume, start-api, list-queries.
 */
import { dotnetStack } from '../core/dotnet';
import { type HttpAnswer, jsonAnswer } from './message';

const EXTENSION = 'Microsoft.Azure.WebJobs.Extensions.DurableTask';
const CLIENT = `${EXTENSION}.DurableClient`;
const HANDLER = `${EXTENSION}.HttpApiHandler`;
const INTERFACE = `${CLIENT}.${EXTENSION}.IDurableOrchestrationClient`;
const HANDLED = `${HANDLER}.HandleRequestAsync(HttpRequestMessage request, CancellationToken cancellationToken)`;

/** Frames of each failure that was seen. */
export const THROWN = {
  suspend: [
    `${INTERFACE}.SuspendAsync(String instanceId, String reason)`,
    `${HANDLER}.HandleSuspendInstanceRequestAsync(HttpRequestMessage request, String instanceId)`,
    HANDLED,
  ],
  resume: [
    `${INTERFACE}.ResumeAsync(String instanceId, String reason)`,
    `${HANDLER}.HandleResumeInstanceRequestAsync(HttpRequestMessage request, String instanceId)`,
    HANDLED,
  ],
  restart: [
    `${CLIENT}.GetOrchestrationInstanceStateAsync(TaskHubClient client, String instanceId)`,
    `${CLIENT}.GetOrchestrationInstanceStateAsync(String instanceId)`,
    `${INTERFACE}.RestartAsync(String instanceId, Boolean restartWithNewInstanceId)`,
    `${HANDLER}.HandleRestartInstanceRequestAsync(HttpRequestMessage request, String instanceId)`,
  ],
  history: [
    'System.Collections.Generic.Dictionary`2.TryInsert(TKey key, TValue value, InsertionBehavior behavior)',
    `${CLIENT}.TrackNameAndScheduledTime(JObject historyItem, EventType eventType, Int32 index, Dictionary\`2 eventMapper)`,
    `${INTERFACE}.GetStatusAsync(String instanceId, Boolean showHistory, Boolean showHistoryOutput, Boolean showInput)`,
    HANDLED,
  ],
  other: [HANDLED],
} as const;

export interface Thrown {
  message: string;
  exceptionMessage: string;
  type: string;
  at?: readonly string[];
}

export function thrown(status: number, t: Thrown): HttpAnswer {
  return jsonAnswer(status, {
    Message: t.message,
    ExceptionMessage: t.exceptionMessage,
    ExceptionType: t.type,
    StackTrace: dotnetStack(t.at ?? THROWN.other),
  });
}

/** `hint` is added to the exception message (strict mode). */
export function badJson(problem: string, hint = ''): HttpAnswer {
  return thrown(400, {
    message: 'Invalid JSON content',
    exceptionMessage: hint === '' ? problem : `${problem} ${hint}`,
    type: 'Newtonsoft.Json.JsonReaderException',
  });
}

export const serverError = (exceptionMessage: string, type: string, at?: readonly string[]): HttpAnswer =>
  thrown(500, {
    message: 'Something went wrong while processing your request',
    exceptionMessage,
    type,
    ...(at ? { at } : {}),
  });

export const argumentError = (message: string, exceptionMessage: string, at?: readonly string[]): HttpAnswer =>
  thrown(400, { message, exceptionMessage, type: 'System.ArgumentException', ...(at ? { at } : {}) });

export function trapHint(trap: 'H2'): string {
  return `[trap ${trap}] raiseEvent(id, name) without data sends an empty body, which the real host refuses. Pass null as data.`;
}
