/**
 * One sending link of a client: takes single messages and batches, and answers each when it is safe. A batch is one
 * transfer whose data sections are messages; it is taken whole or refused whole.
 */
import { BrokerError } from '../core/errors';
import { AmqpContent } from './content';
import { accept, refuse } from './outcomes';
import type { Delivery, Receiver } from './rheaTypes';
import { MESSAGE_BYTES_MAX, type Service } from './service';
import { sectionsOf } from './wire';

/** Transfers a client may have on the way; more is granted when a quarter is used. */
export const CREDIT = 2_000;
export const BATCH_FORMAT = 0x80013700;
const DATA_SECTION = 0x75;

export class Producer {
  private used = 0;
  /** Taken but not answered yet. */
  unanswered = 0;

  constructor(
    private readonly link: Receiver,
    private readonly path: string,
    private readonly service: Service,
  ) {
    link.add_credit(CREDIT);
    link.on('message', (context: { delivery: Delivery; message: Buffer }) =>
      this.receive(context.delivery, context.message),
    );
  }

  private receive(delivery: Delivery, bytes: Buffer): void {
    this.used++;
    if (this.used >= CREDIT / 4) {
      this.link.add_credit(this.used);
      this.used = 0;
    }
    const { service } = this;
    try {
      checkSize(bytes.length);
      service.namespace.send(this.path, contentsOf(bytes, delivery.format), service.now());
      this.unanswered++;
      service.whenDurable(() => {
        this.unanswered--;
        accept(delivery);
      });
    } catch (error) {
      refuse(delivery, error);
    }
    service.touched();
  }
}

export function checkSize(bytes: number): void {
  if (bytes <= MESSAGE_BYTES_MAX) return;
  throw new BrokerError(
    'amqp:link:message-size-exceeded',
    `The received message (${bytes} bytes) exceeds the limit (${MESSAGE_BYTES_MAX} bytes) currently allowed on the link.`,
  );
}

/** The messages of a transfer. They are copied: a slice would keep the whole network buffer alive. */
function contentsOf(bytes: Buffer, format: number): AmqpContent[] {
  if (format !== BATCH_FORMAT) return [AmqpContent.decode(Buffer.from(bytes))];
  const contents: AmqpContent[] = [];
  for (const { code, value, end } of sectionsOf(bytes)) {
    if (code !== DATA_SECTION) continue;
    const head = bytes[value] === 0xa0 ? 2 : 5;
    contents.push(AmqpContent.decode(Buffer.from(bytes.subarray(value + head, end))));
  }
  return contents;
}
