/**
 * Service Bus queue and topic triggers with the real client: messages are locked while the function runs, completed when it
 * succeeds (unless autoCompleteMessages is false) and abandoned when it fails; after the entity's MaxDeliveryCount the broker
 * dead-letters them. Source: Azure Functions Service Bus trigger; host.json (serviceBus).
 */
import type { AppFunction } from '../realm/functionTable';
import { busClient, type BusClient, type BusMessage, type BusReceiver } from './serviceBusClients';
import { details, manyMetadata, manyValue, oneMetadata, oneValue } from './serviceBusMessage';
import { SessionPump } from './serviceBusSessions';
import { runTriggered, tell, textOf } from './runTriggered';
import type { Listening, TriggerHost } from './triggerHost';

/** A batch goes when so many turns of the event loop brought no more: what was sent together lies in the socket. */
const QUIET_TURNS = 2;
/** And at the latest after so long, in ms. */
const GATHER_MAX_MS = 10;
/** How long the start waits for the receiving link, in ms; the client goes on trying after that. */
const OPEN_WAIT_MS = 10_000;
const OPEN_LOOK_MS = 5;

export interface BusTrigger {
  host: TriggerHost;
  fn: AppFunction;
  client: BusClient;
  entity: unknown[];
  path: string;
  isBatch: boolean;
  options: { maxAutoLockRenewalDurationInMs: number; skipParsingBodyAsJson: true };
}

export async function startServiceBus(host: TriggerHost, fn: AppFunction): Promise<Listening> {
  const { queueName, topicName, subscriptionName, connection, cardinality, isSessionsEnabled } = fn.trigger;
  const entity = queueName === undefined ? [topicName, subscriptionName] : [queueName];
  const trigger: BusTrigger = {
    host,
    fn,
    client: busClient(host, String(connection ?? ''), `Function '${fn.name}'`),
    entity,
    path: entity.map(String).join('/Subscriptions/'),
    isBatch: cardinality === 'many',
    options: { maxAutoLockRenewalDurationInMs: host.hostJson.serviceBus.lockRenewalMs, skipParsingBodyAsJson: true },
  };
  if (isSessionsEnabled === true) return new SessionPump(trigger).start();
  return subscribe(trigger);
}

async function subscribe(trigger: BusTrigger): Promise<Listening> {
  const { host, fn, client, entity, options } = trigger;
  const { concurrentCallsMax, batchMax, prefetch } = host.hostJson.serviceBus;
  const receiver = client.createReceiver(...entity, { ...options, receiveMode: 'peekLock' });
  const isReal = host.engine.options.clock.mode === 'real';
  const gather = new Gather(batchMax, (batch) => deliver(trigger, receiver, batch));
  const subscription = receiver.subscribe(
    {
      processMessage: (m: BusMessage) => (trigger.isBatch ? gather.add(m) : deliver(trigger, receiver, [m])),
      processError: async ({ error }: { error: Error }) =>
        tell(host, fn, 'error', `Message processing error on '${trigger.path}': ${textOf(error)}`),
    },
    {
      autoCompleteMessages: false,
      // one after the other on a virtual clock, so that runs repeat
      maxConcurrentCalls: trigger.isBatch ? Math.max(batchMax, prefetch) : isReal ? concurrentCallsMax : 1,
    },
  );
  await opened(receiver);
  return {
    async stop() {
      await subscription.close();
      await receiver.close();
      await client.close();
    },
  };
}

/** The client does not say when its link is there; a message sent before that would not hold the clock. */
async function opened(receiver: BusReceiver): Promise<void> {
  const link = receiver as unknown as { _streamingReceiver?: { isOpen?(): boolean } };
  for (let waited = 0; waited < OPEN_WAIT_MS; waited += OPEN_LOOK_MS) {
    if (link._streamingReceiver?.isOpen?.() === true) return;
    await new Promise((resolve) => setTimeout(resolve, OPEN_LOOK_MS));
  }
}

/** Runs the function for messages and settles them. */
export async function deliver(
  trigger: BusTrigger,
  receiver: BusReceiver,
  messages: readonly BusMessage[],
): Promise<void> {
  const { host, fn, isBatch } = trigger;
  const first = messages[0] as BusMessage;
  await host.engine.whileHeld(async () => {
    const value = isBatch ? manyValue(messages) : oneValue(first);
    const metadata = isBatch ? manyMetadata(messages) : oneMetadata(first);
    const cause = { reason: '(null)', details: isBatch ? `MessageCount: ${messages.length}` : details(first) };
    const ok = await runTriggered(host, fn, value, metadata, cause);
    const autoComplete = fn.trigger.autoCompleteMessages ?? host.hostJson.serviceBus.autoComplete;
    if (ok && autoComplete === false) return;
    await Promise.all(messages.map((m) => settle(trigger, receiver, m, ok)));
  });
}

async function settle(trigger: BusTrigger, receiver: BusReceiver, m: BusMessage, ok: boolean): Promise<void> {
  try {
    await (ok ? receiver.completeMessage(m) : receiver.abandonMessage(m));
  } catch (error) {
    const text = `Message '${String(m.messageId)}' of '${trigger.path}' could not be settled: ${textOf(error)}`;
    tell(trigger.host, trigger.fn, 'error', text);
  }
}

/** Makes batches of what arrives together. */
class Gather {
  private batch: { message: BusMessage; done: () => void }[] = [];
  private latestMs = 0;

  constructor(
    private readonly max: number,
    private readonly run: (batch: BusMessage[]) => Promise<void>,
  ) {}

  /** Resolves when the message's batch is settled. */
  add(message: BusMessage): Promise<void> {
    return new Promise((done) => {
      this.batch.push({ message, done });
      if (this.batch.length >= this.max) return this.flush();
      if (this.batch.length > 1) return;
      this.latestMs = performance.now() + GATHER_MAX_MS;
      this.flushWhenQuiet(this.batch, 1, QUIET_TURNS);
    });
  }

  private flushWhenQuiet(batch: Gather['batch'], length: number, turns: number): void {
    setImmediate(() => {
      if (batch !== this.batch) return;
      if (performance.now() >= this.latestMs) return this.flush();
      if (batch.length > length) return this.flushWhenQuiet(batch, batch.length, QUIET_TURNS);
      if (turns > 1) return this.flushWhenQuiet(batch, length, turns - 1);
      this.flush();
    });
  }

  private flush(): void {
    const batch = this.batch;
    this.batch = [];
    void this.run(batch.map((b) => b.message)).finally(() => batch.forEach((b) => b.done()));
  }
}
