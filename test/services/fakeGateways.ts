/**
 * SMS gateways on the loopback: Azure Communication Services as its REST API speaks (path, HMAC signature, status for each
 * recipient, repeatability) and the generic signed webhook. Both remember what they sent and fail on demand.
 */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkSignature } from '../../services/sms/signature';

export type GatewayFault =
  | { readonly status: number; readonly retryAfter?: string; readonly json?: object }
  /** Sends the text and closes the connection. */
  | 'loseAnswer'
  /** Closes the connection without sending. */
  | 'loseRequest';

export interface FakeGateway {
  readonly url: string;
  /** Ids of the texts that left, in order. */
  sent(): readonly string[];
  /** Bodies of the requests to send. */
  requests(): readonly Record<string, unknown>[];
  /** For the next requests to send, in order; null lets one through. */
  failSends(...faults: (GatewayFault | null)[]): void;
  failAsks(...faults: (GatewayFault | null)[]): void;
  stop(): Promise<void>;
}

interface Handling {
  readonly body: string;
  readonly request: IncomingMessage;
  readonly sent: string[];
  readonly requests: Record<string, unknown>[];
}
type Answer = { readonly status: number; readonly json: object };

/** The accounts of numbers by what happens to a text: how tests order a rejection. */
export const NUMBERS = {
  invalid: '+13125550100',
  optedOut: '+13125550101',
  tooBig: '+13125550102',
  old: '+13125550103',
};

async function start(handle: (handling: Handling) => Answer): Promise<FakeGateway> {
  const sent: string[] = [];
  const requests: Record<string, unknown>[] = [];
  let sendFaults: (GatewayFault | null)[] = [];
  let askFaults: (GatewayFault | null)[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fault = (request.method === 'GET' ? askFaults : sendFaults).shift() ?? null;
    if (fault === 'loseRequest') return request.socket.destroy();
    const answer =
      fault !== null && typeof fault === 'object'
        ? { status: fault.status, json: fault.json ?? {} }
        : handle({ body: Buffer.concat(chunks).toString(), request, sent, requests });
    if (fault === 'loseAnswer') return request.socket.destroy();
    const retryAfter = fault !== null && typeof fault === 'object' ? fault.retryAfter : undefined;
    const headers = { 'content-type': 'application/json', ...(retryAfter ? { 'retry-after': retryAfter } : {}) };
    response.writeHead(answer.status, headers).end(JSON.stringify(answer.json));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    requests: () => requests,
    failSends: (...faults) => void (sendFaults = faults),
    failAsks: (...faults) => void (askFaults = faults),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `key`: in base64. */
export function startCommunicationServices(key: string): Promise<FakeGateway> {
  const answers = new Map<string, object>();
  return start(({ body, request, sent, requests }) => {
    if (!isSignedByKey(request, body, key)) return { status: 401, json: { error: { code: 'Denied' } } };
    if (request.method !== 'POST' || !request.url!.startsWith('/sms?api-version=')) return { status: 404, json: {} };
    const json = JSON.parse(body) as {
      smsRecipients: { to: string; repeatabilityRequestId: string; repeatabilityFirstSent: string }[];
      smsSendOptions: { tag: string };
    };
    requests.push(json);
    const [recipient] = json.smsRecipients;
    const { to, repeatabilityRequestId: id } = recipient!;
    const item = (httpStatusCode: number, errorMessage?: string) => ({
      to,
      httpStatusCode,
      successful: httpStatusCode === 202,
      ...(errorMessage ? { errorMessage } : { messageId: `Outgoing_${id}`, repeatabilityResult: 'accepted' }),
    });
    let answer = answers.get(id);
    if (!answer) {
      if (to === NUMBERS.invalid) answer = item(400, `Invalid To phone number format: ${to}`);
      else if (to === NUMBERS.optedOut) answer = item(403 + 2, 'The recipient has opted out');
      else if (to === NUMBERS.tooBig) answer = item(413, 'Too long');
      else if (to === NUMBERS.old) answer = item(412, 'Too long ago');
      else sent.push(json.smsSendOptions.tag);
      answers.set(id, (answer ??= item(202)));
    }
    return { status: 202, json: { value: [answer] } };
  });
}

function isSignedByKey(request: IncomingMessage, body: string, key: string): boolean {
  const hash = createHash('sha256').update(body).digest('base64');
  const { host, authorization, 'x-ms-date': date, 'x-ms-content-sha256': given } = request.headers;
  const text = `${request.method}\n${request.url}\n${String(date)};${host};${hash}`;
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
  return given === hash && authorization!.endsWith(`&Signature=${signature}`);
}

/** `now`: the clock that the app under test has. */
export function startWebhookGateway(secret: string, now: () => number): Promise<FakeGateway> {
  return start(({ body, request, sent, requests }) => {
    const header = (name: string) => request.headers[name] as string | undefined;
    const signed = request.method === 'GET' ? request.url! : body;
    try {
      checkSignature(
        { timestamp: header('x-timestamp'), signature: header('x-signature'), body: signed },
        [secret],
        now(),
      );
    } catch {
      return { status: 401, json: {} };
    }
    if (request.method === 'GET') {
      const isKnown = sent.includes(request.url!.replace('/messages/', ''));
      return isKnown ? { status: 200, json: { status: 'accepted' } } : { status: 404, json: { status: 'never_seen' } };
    }
    const json = JSON.parse(body) as { messageId: string; to: string };
    requests.push(json);
    if (header('idempotency-key') !== json.messageId) return { status: 400, json: {} };
    const rejected = (code?: string) => ({ status: 422, json: { status: 'rejected', code } });
    if (json.to === NUMBERS.invalid) return rejected('INVALID_NUMBER');
    if (json.to === NUMBERS.optedOut) return rejected('OPTED_OUT');
    if (json.to === NUMBERS.tooBig) return rejected('SOMETHING_ELSE');
    if (sent.includes(json.messageId)) return { status: 200, json: { status: 'duplicate' } };
    sent.push(json.messageId);
    return { status: 202, json: { status: 'accepted' } };
  });
}
