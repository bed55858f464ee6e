/**
 * Ways in for gateways that push: a generic gateway's signed webhook, and Event Grid's CloudEvents over HTTP (its own
 * handshake included) where a queue is not wanted. Both map to the inputs of formats.md and go on the same queues.
 */
import type { HttpHandler } from '@azure/functions';
import { BadInput } from '../domain/problem';
import { hasCode } from '../services/errors';
import { messengerOf } from '../services/messenger';
import type { Services } from '../services/services';
import { inputsOfCloudEvents } from '../services/sms/cloudEvents';
import { checkSignature, SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../services/sms/signature';
import { answering, inputsOf, json, jsonOf, problem, textOf } from './http';
import { passOn } from './queues';

/**
 * `POST /api/sms/webhook`: one `sms.reply` or `sms.receipt`, or an array of them, signed with the shared secret. 401 with
 * a wrong or missing signature or an old timestamp; nothing is taken then. `secrets`: none, and the route is closed.
 */
export function postSmsWebhook(services: Services, secrets: readonly string[]): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      if (secrets.length === 0) return problem(404, 'no gateway of this kind is set up');
      messengerOf(context);
      const body = await textOf(request);
      const signed = {
        timestamp: request.headers.get(TIMESTAMP_HEADER),
        signature: request.headers.get(SIGNATURE_HEADER),
        body,
      };
      try {
        checkSignature(signed, secrets, services.clock.now());
      } catch (error) {
        if (hasCode(error, 'BAD_SIGNATURE', 'OLD_TIMESTAMP')) return problem(401, error.message);
        throw error;
      }
      const inputs = inputsOf(parsed(body), ['sms.reply', 'sms.receipt'], services.clock.now());
      await passOn(services, inputs);
      return json(202, { taken: inputs.length });
    });
}

/** `POST /api/sms/events`: CloudEvents 1.0, one or an array; unknown types are ignored. */
export function postSmsEvents(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      // The handshake of CloudEvents webhooks: whoever asks may send.
      if (request.method === 'OPTIONS')
        return {
          status: 200,
          headers: { 'webhook-allowed-origin': request.headers.get('webhook-request-origin') ?? '*' },
        };
      messengerOf(context);
      const { inputs, problems, ignored } = inputsOfCloudEvents(await jsonOf(request));
      if (problems.length > 0) throw new BadInput('the events are not valid', problems);
      await passOn(services, inputs);
      return json(202, { taken: inputs.length, ignored });
    });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new BadInput('the body cannot be read', [
      { field: 'body', value: `${body.length} characters`, expected: 'JSON' },
    ]);
  }
}
