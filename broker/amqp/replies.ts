/**
 * Request and response over a pair of links (`$cbs`, `$management`): where replies go, and how they look. A reply link is
 * found by the address that the client gave it or, for `$cbs`, by its name.
 */
import { rhea, type Receiver, type RequestMessage, type Sender } from './rheaTypes';

const CREDIT = 500;

export class ReplyLinks {
  private readonly byAddress = new Map<string, Sender>();

  add(link: Sender): void {
    this.byAddress.set(link.name, link);
    const address = link.target?.address;
    if (address) this.byAddress.set(address, link);
  }

  remove(link: Sender): void {
    for (const [address, other] of this.byAddress) if (other === link) this.byAddress.delete(address);
  }

  /** Sends a reply to a request; dropped when the link for it has gone. */
  send(request: RequestMessage, properties: Record<string, unknown>, body?: unknown): void {
    const link = this.byAddress.get(request.reply_to ?? '');
    if (!link?.is_open()) return;
    const correlation = request.correlation_id ?? request.message_id;
    const reply = { correlation_id: correlation, application_properties: properties, body };
    link.send(rhea.message.encode(reply), undefined, 0).settled = true;
  }
}

/** Answers every request on a link; each is settled at once, the reply is what counts. */
export function onRequests(link: Receiver, answer: (request: RequestMessage) => void): void {
  link.add_credit(CREDIT);
  link.on(
    'message',
    (context: { message: RequestMessage; delivery: { update(settled: boolean, state: unknown): void } }) => {
      link.add_credit(1);
      context.delivery.update(true, rhea.message.accepted().described());
      answer(context.message);
    },
  );
}
