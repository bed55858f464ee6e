/**
 * Error bodies of the management API: Message, ExceptionMessage, ExceptionType, StackTrace (empty here).
 * Source: contract I, recorded/management-errors.
 */
import { type HttpAnswer, jsonAnswer } from './message';

/** `hint` is added to the exception message (strict mode). */
export function badJson(text: string, hint = ''): HttpAnswer {
  let message = "Error reading JToken from JsonReader. Path '', line 0, position 0.";
  if (text !== '') {
    try {
      JSON.parse(text);
    } catch (error) {
      message = (error as Error).message;
    }
  }
  return jsonAnswer(400, {
    Message: 'Invalid JSON content',
    ExceptionMessage: hint === '' ? message : `${message} ${hint}`,
    ExceptionType: 'Newtonsoft.Json.JsonReaderException',
    StackTrace: '',
  });
}

export function serverError(message: string, type: string): HttpAnswer {
  return jsonAnswer(500, {
    Message: 'Something went wrong while processing your request',
    ExceptionMessage: message,
    ExceptionType: type,
    StackTrace: '',
  });
}

export function argumentError(message: string, exceptionMessage: string): HttpAnswer {
  return jsonAnswer(400, {
    Message: message,
    ExceptionMessage: exceptionMessage,
    ExceptionType: 'System.ArgumentException',
    StackTrace: '',
  });
}

export function trapHint(trap: 'H2'): string {
  return `[trap ${trap}] raiseEvent(id, name) without data sends an empty body, which the real host refuses. Pass null as data.`;
}
