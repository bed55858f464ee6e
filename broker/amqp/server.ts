/**
 * The AMQP listener: accepts connections (plain TCP; SASL ANONYMOUS, PLAIN and MSSBCBS, which the .NET client uses) and
 * passes rhea's events to the connection they belong to. There is no server idle timeout: rhea's would keep the process
 * alive.
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import { ClientConnection } from './connection';
import { rhea, type Connection, type EventContext } from './rheaTypes';
import { MESSAGE_BYTES_MAX, type Service } from './service';

/** Deliveries a link may have unsettled before it stalls behind the oldest. */
const UNSETTLED_MAX = 65_536;
const INCOMING_MAX = 8_192;
const FRAME_BYTES_MAX = 1_048_576;
/** What clients get to hear the goodbye before their sockets are cut. */
const GOODBYE_MS = 50;

export class AmqpServer {
  private readonly connections = new Map<Connection, ClientConnection>();
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;

  constructor(private readonly service: Service) {}

  /** Gives the port. @throws the system's error, e.g. EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    const container = this.createContainer();
    return new Promise((resolve, reject) => {
      const server = container.listen({
        host,
        port,
        tcp_no_delay: true,
        session_buffer_size: { outgoing: UNSETTLED_MAX, incoming: INCOMING_MAX },
        max_frame_size: FRAME_BYTES_MAX,
        container_id: 'local-service-bus',
        reconnect: false,
      });
      this.server = server;
      server.prependListener('connection', (socket: Socket) => this.track(socket));
      server.once('error', reject);
      server.once('listening', () => resolve((server.address() as AddressInfo).port));
    });
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private createContainer(): ReturnType<typeof rhea.create_container> {
    const container = rhea.create_container({
      sender_options: { treat_modified_as_released: false, autosettle: false },
      receiver_options: { autoaccept: false, credit_window: 0, max_message_size: MESSAGE_BYTES_MAX },
    });
    container.sasl_server_mechanisms.enable_anonymous();
    container.sasl_server_mechanisms.enable_plain(() => true);
    container.sasl_server_mechanisms['MSSBCBS'] = () => ({
      outcome: undefined as boolean | undefined,
      start() {
        this.outcome = true;
      },
    });
    const on = (event: string, handle: (client: ClientConnection, context: EventContext) => void): void => {
      container.on(event, (context: EventContext) => handle(this.client(context.connection), context));
    };
    on('connection_open', () => undefined);
    on('session_open', (client, { session }) => client.prepare(session));
    on('sender_open', (client, { sender }) => client.openSender(sender));
    on('receiver_open', (client, { receiver }) => client.openReceiver(receiver));
    on('sender_close', (client, { sender }) => client.closeLink(sender));
    on('receiver_close', (client, { receiver }) => client.closeLink(receiver));
    on('session_close', (client, { session }) => client.closeSession(session));
    on('connection_close', (_, { connection }) => this.forget(connection));
    on('disconnected', (_, { connection }) => this.forget(connection));
    // A broken peer is cut off by rhea; it must not take the broker with it.
    for (const event of [
      'error',
      'protocol_error',
      'connection_error',
      'session_error',
      'sender_error',
      'receiver_error',
    ]) {
      container.on(event, () => undefined);
    }
    return container;
  }

  private client(connection: Connection): ClientConnection {
    let client = this.connections.get(connection);
    if (!client) {
      this.connections.set(connection, (client = new ClientConnection(connection, this.service)));
      writeTogether(connection);
      acknowledgeAtOnce(connection.socket);
    }
    return client;
  }

  private forget(connection: Connection): void {
    this.connections.get(connection)?.close();
    this.connections.delete(connection);
  }

  /** Sent messages taken but not answered, and bytes not yet handed to the network. */
  busy(): { unanswered: number; unwritten: number } {
    let unanswered = 0;
    let unwritten = 0;
    for (const client of this.connections.values()) unanswered += client.unanswered;
    for (const socket of this.sockets) unwritten += socket.writableLength;
    return { unanswered, unwritten };
  }

  /** Says goodbye to every client, then cuts what is left. */
  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of this.connections.keys()) {
      connection.close({ condition: 'amqp:connection:forced', description: 'The broker is stopping.' });
    }
    if (this.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, GOODBYE_MS));
    for (const socket of this.sockets) socket.destroy();
    for (const connection of [...this.connections.keys()]) {
      connection._disconnected();
      this.forget(connection);
    }
    await closed;
  }
}

/** rhea writes each frame by itself; corked, those of one turn go out in one system call. */
function writeTogether(connection: Connection): void {
  const process = connection._process.bind(connection);
  connection._process = () => {
    const { socket } = connection;
    socket.cork();
    process();
    socket.uncork();
  };
}

/** An AMQP frame without content. */
const EMPTY_FRAME = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

/**
 * Clients leave Nagle's algorithm on: after a frame that needs no answer (a grant of credit) their next one waits for our
 * TCP acknowledgement, which the kernel delays by 40 ms unless there is something to send with it. So there is.
 */
function acknowledgeAtOnce(socket: Socket): void {
  let isScheduled = false;
  socket.on('data', () => {
    if (isScheduled) return;
    isScheduled = true;
    const written = socket.bytesWritten;
    setImmediate(() => {
      isScheduled = false;
      if (socket.bytesWritten === written && socket.writable) socket.write(EMPTY_FRAME);
    });
  });
}
