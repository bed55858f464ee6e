/**
 * One client connection: opens each link for what its address names (an entity, `$cbs`, `$management`) or refuses it
 * with the reason, and cleans up when links, AMQP sessions or the connection go.
 */
import { BrokerError, notAllowed } from '../core/errors';
import { Holder } from '../core/holder';
import { SessionQueue } from '../core/sessionQueue';
import { answerClaim, isManagement, withoutManagement } from './cbs';
import { Consumer } from './consumer';
import { answerManagement } from './management';
import { asBrokerError } from './outcomes';
import { Producer } from './producer';
import { onRequests, ReplyLinks } from './replies';
import type { AmqpError, Connection, Link, Receiver, RequestMessage, Sender, Session } from './rheaTypes';
import type { Service } from './service';
import { attachSession, sessionWish } from './sessionAttach';

const CBS = '$cbs';
/** Any format that rhea does not decode itself: the bytes come through as they are. */
const RAW_FORMAT = 0x7fffff00;

export class ClientConnection {
  private readonly holder = new Holder();
  private readonly consumers = new Map<Link, Consumer>();
  private readonly producers = new Map<Link, Producer>();
  private readonly replies = new ReplyLinks();
  private readonly rawLinks = new Set<Link>();

  constructor(
    readonly connection: Connection,
    private readonly service: Service,
  ) {}

  /** Sent messages that were taken but not yet answered. */
  get unanswered(): number {
    let count = 0;
    for (const producer of this.producers.values()) count += producer.unanswered;
    return count;
  }

  consumer(linkName: string): Consumer | undefined {
    for (const [link, consumer] of this.consumers) if (link.name === linkName) return consumer;
    return undefined;
  }

  /** Makes a new AMQP session pass messages undecoded and hold back attaches that wait for a session. */
  prepare(session: Session): void {
    const transfer = session.on_transfer.bind(session);
    session.on_transfer = (frame) => {
      const link = session._get_link(frame);
      if (this.rawLinks.has(link) && frame.performative.message_format === 0) {
        frame.performative.message_format = RAW_FORMAT;
      }
      transfer(frame);
    };
    const create = session.create_sender.bind(session);
    session.create_sender = (name, options) => {
      const link = create(name, options);
      const open = link.open.bind(link);
      link.open = () => {
        if (sessionWish(link) === null) open();
      };
      return link;
    };
  }

  /** The client wants to receive. */
  openSender(link: Sender): void {
    const address = link.source?.address ?? '';
    if (address === CBS || isManagement(address)) {
      confirm(link, address);
      this.replies.add(link);
      return;
    }
    this.guard(link, () => {
      const queue = this.service.namespace.queueAt(address);
      const entity = this.service.namespace.entities.get(queue.path.toLowerCase());
      if (entity?.kind === 'queue' && entity.settings.forwardTo !== null) {
        throw notAllowed(`A receiver cannot be created on '${address}': it forwards its messages automatically.`);
      }
      const wish = sessionWish(link);
      if (wish !== null) {
        const refused = (error: unknown): void => refuseLink(link, error);
        attachSession(link, queue, wish, this.service, (consumer) => this.added(link, consumer), refused);
        return;
      }
      if (queue instanceof SessionQueue) {
        throw notAllowed(
          `It is not possible for an entity that requires sessions to create a non-sessionful message receiver ('${address}').`,
        );
      }
      confirm(link, address);
      this.added(link, new Consumer(link, queue, null, new Holder(), this.service));
    });
  }

  private added(link: Sender, consumer: Consumer): void {
    this.consumers.set(link, consumer);
    this.service.dispatcher.add(consumer);
    this.service.touched();
  }

  /** The client wants to send. */
  openReceiver(link: Receiver): void {
    this.guard(link, () => {
      const address = link.target?.address;
      if (typeof address !== 'string') {
        throw new BrokerError(
          'amqp:not-implemented',
          'Links without a target address (transactions) are not supported.',
        );
      }
      if (address === CBS) {
        onRequests(link, (request) => answerClaim(request, this.service.namespace, this.replies));
      } else if (isManagement(address)) this.openManagement(link, withoutManagement(address));
      else {
        const entity = this.service.namespace.entity(address);
        if (entity.kind === 'subscription') throw notAllowed(`Messages are sent to a topic, not to '${address}'.`);
        this.rawLinks.add(link);
        this.producers.set(link, new Producer(link, entity.path, this.service));
      }
      confirm(link, address);
    });
  }

  private openManagement(link: Receiver, path: string): void {
    const { namespace } = this.service;
    if (!namespace.entities.has(path.toLowerCase())) namespace.queueAt(path);
    const caller = { holder: this.holder, consumer: (name: string) => this.consumer(name) };
    onRequests(link, (request: RequestMessage) => answerManagement(request, path, caller, this.service, this.replies));
  }

  private guard(link: Link, open: () => void): void {
    try {
      open();
    } catch (error) {
      refuseLink(link, error);
    }
  }

  closeLink(link: Link): void {
    this.consumers.get(link)?.close();
    this.consumers.delete(link);
    this.producers.delete(link);
    this.rawLinks.delete(link);
    if (link.is_sender()) this.replies.remove(link as Sender);
  }

  closeSession(session: Session): void {
    for (const link of [...this.consumers.keys(), ...this.producers.keys()]) {
      if (link.session === session) this.closeLink(link);
    }
  }

  close(): void {
    for (const link of [...this.consumers.keys(), ...this.producers.keys()]) this.closeLink(link);
    this.service.namespace.disconnect(this.holder);
    this.service.touched();
  }
}

function confirm(link: Link, address: string): void {
  if (link.is_sender()) {
    link.set_source({ address });
    link.set_target({ address: link.target?.address ?? link.name });
  } else {
    link.set_source({ address: link.source?.address ?? link.name });
    link.set_target({ address });
  }
}

/** As AMQP has it: the attach is answered, then the link is closed with the reason. */
function refuseLink(link: Link, error: unknown): void {
  const { condition, message } = asBrokerError(error);
  const reason: AmqpError = { condition, description: message };
  link.attach();
  link.close(reason);
}
