/**
 * What is used of rhea, typed as it is used: its own declarations leave out most of what a server touches (delivery
 * buffers, unsent deliveries, value readers). Nothing here has behaviour.
 */
import type { EventEmitter } from 'node:events';
import type { Server, Socket } from 'node:net';
import rheaModule from 'rhea';

export interface Typed {
  readonly type: { readonly typecode: number };
  readonly value: unknown;
  readonly descriptor?: Typed;
}

export interface TypesModule {
  Reader: new (buffer: Buffer) => { read(): Typed };
  Writer: new () => { write(value: Typed): void; toBuffer(): Buffer };
  wrap(value: unknown): Typed;
  wrap_described(value: unknown, descriptor: number): Typed;
  wrap_array(values: readonly unknown[], typecode: number, descriptor?: unknown): Typed;
  wrap_long(value: number | Buffer): Typed;
  wrap_int(value: number): Typed;
  wrap_uuid(value: Buffer): Typed;
  wrap_binary(value: Buffer): Typed;
  wrap_string(value: string): Typed;
  wrap_map(value: object): Typed;
  wrap_timestamp(value: number): Typed;
  wrap_symbol(value: string): Typed;
  wrap_list(value: readonly unknown[]): Typed;
  unwrap(value: unknown): unknown;
}

export interface AmqpError {
  readonly condition: string;
  readonly description?: string;
  readonly info?: Record<string, unknown>;
}

/** A delivery state, described and ready to be written. */
export type Outcome = Typed;

export interface Delivery {
  readonly id: number;
  readonly tag: Buffer;
  readonly link: Link;
  readonly format: number;
  settled: boolean;
  remote_settled: boolean;
  remote_state?: { error?: AmqpError; undeliverable_here?: boolean; message_annotations?: Record<string, unknown> };
  update(settled: boolean, state?: Outcome): void;
}

export interface Terminus {
  readonly address?: string | null;
  readonly filter?: Record<string, unknown> | null;
}

export interface Link extends EventEmitter {
  readonly name: string;
  readonly session: Session;
  readonly connection: Connection;
  readonly source: Terminus | null;
  readonly target: Terminus | null;
  readonly snd_settle_mode: number;
  readonly properties: Record<string, unknown> | null;
  readonly remote: { attach?: { source?: Terminus | null; target?: { descriptor?: unknown } & Terminus } };
  readonly local: { attach: Record<string, unknown> };
  credit: number;
  is_open(): boolean;
  is_remote_open(): boolean;
  is_sender(): boolean;
  open(): void;
  attach(): void;
  close(error?: AmqpError): void;
  set_source(fields: object): void;
  set_target(fields: object): void;
}

export interface Sender extends Link {
  readonly state: { readonly open_requests: number };
  send(payload: unknown, tag?: Buffer, format?: number): Delivery;
  set_drained(isDrained: boolean): void;
  delivery_count: number;
  _draining: boolean;
  _drained: boolean;
  _get_drain: () => boolean;
}

export interface Receiver extends Link {
  add_credit(credit: number): void;
}

export interface TransferFrame {
  readonly performative: { message_format: number };
}

export interface Session extends EventEmitter {
  readonly connection: Connection;
  readonly outgoing: {
    readonly next_delivery_id: number;
    readonly next_pending_delivery: number;
    readonly deliveries: { by_id(id: number): Delivery | undefined };
    available(): number;
  };
  create_sender(name: string, options?: object): Sender;
  on_transfer(frame: TransferFrame): void;
  _get_link(frame: TransferFrame): Link;
}

export interface Connection extends EventEmitter {
  readonly socket: Socket;
  readonly container_id?: string;
  close(error?: AmqpError): void;
  is_open(): boolean;
  _process(): void;
  _register(): void;
  _disconnected(error?: Error): void;
}

export interface EventContext {
  readonly connection: Connection;
  readonly session: Session;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly delivery: Delivery;
  readonly message: unknown;
  readonly error?: unknown;
}

export interface Container extends EventEmitter {
  readonly sasl_server_mechanisms: Record<string, unknown> & {
    enable_anonymous(): void;
    enable_plain(check: (user: string, password: string) => boolean): void;
  };
  listen(options: object): Server;
}

interface Rhea {
  readonly types: TypesModule;
  readonly message: {
    decode(buffer: Buffer): RequestMessage;
    encode(message: object): Buffer;
    accepted(): { described(): Outcome };
    rejected(fields: object): { described(): Outcome };
    data_section(data: Buffer): object;
  };
  create_container(options: object): Container;
}

/** A request to `$cbs` or `$management`, as rhea decodes it. */
export interface RequestMessage {
  readonly message_id?: string | number | Buffer;
  readonly correlation_id?: string | number | Buffer;
  readonly reply_to?: string;
  readonly to?: string;
  readonly application_properties?: Record<string, unknown>;
  readonly body?: unknown;
}

export const rhea = rheaModule as unknown as Rhea;
export const types = rhea.types;
