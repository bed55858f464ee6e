/**
 * Storage queue trigger: polls, hides what it took, deletes what succeeded, shows again what failed, and after the last
 * attempt moves it to `<queue>-poison`. Hidden messages come back by the storage's own clock, not the host's.
 * Source: Azure Functions queue trigger and host.json (queues).
 */
import type { AppFunction } from '../realm/functionTable';
import type { QueueSettings } from '../realm/hostJson';
import { metadataOf } from './payloads';
import { Poller } from './poller';
import { queueService, type QueueClient, type QueueMessage } from './queueService';
import { runTriggered, tell, textOf } from './runTriggered';
import type { Listening, TriggerHost } from './triggerHost';

/** How long a message that a function works on stays hidden, as the real host hides it. */
const HIDDEN_S = 600;
const SHORTEST_POLL_MS = 100;
/** The real host's default of a minute saves money that nobody pays here. */
const LONGEST_POLL_MS = 2000;

export function startStorageQueue(host: TriggerHost, fn: AppFunction): Listening {
  const name = String(fn.trigger.queueName).toLowerCase();
  const service = queueService(host, String(fn.trigger.connection ?? ''), `Function '${fn.name}'`);
  const settings = host.hostJson.queues;
  const trigger = new QueueTrigger(host, fn, settings, service.getQueueClient(name), () =>
    service.getQueueClient(`${name}-poison`),
  );
  const poller = new Poller({
    poll: (signal) => trigger.poll(signal),
    shortestMs: SHORTEST_POLL_MS,
    longestMs: Math.min(settings.pollingMs, LONGEST_POLL_MS),
    onError: (error) => tell(host, fn, 'error', `The queue '${name}' cannot be read: ${textOf(error)}`),
  });
  host.externals.add(`the queue '${name}'`, poller.external);
  return poller.start();
}

class QueueTrigger {
  constructor(
    private readonly host: TriggerHost,
    private readonly fn: AppFunction,
    private readonly settings: QueueSettings,
    private readonly queue: QueueClient,
    private readonly poison: () => QueueClient,
  ) {}

  async poll(abortSignal: AbortSignal): Promise<boolean> {
    const options = { numberOfMessages: this.settings.batchSize, visibilityTimeout: HIDDEN_S, abortSignal };
    const messages = await this.queue.receiveMessages(options).then(
      (r) => r.receivedMessageItems,
      (error: unknown) => {
        if ((error as { statusCode?: number }).statusCode === 404) return []; // no such queue yet
        throw error;
      },
    );
    if (messages.length === 0) return false;
    await this.host.engine.whileHeld(async () => {
      // one after the other on a virtual clock, so that runs repeat
      if (this.host.engine.options.clock.mode === 'real') await Promise.all(messages.map((m) => this.take(m)));
      else for (const m of messages) await this.take(m);
    });
    return true;
  }

  private async take(m: QueueMessage): Promise<void> {
    const text = decoded(m.messageText, this.settings.encoding);
    if (text === null) {
      tell(this.host, this.fn, 'error', `A message of '${this.queue.name}' is no base64; it goes to the poison queue.`);
      return this.bury(m);
    }
    const cause = {
      reason: `New queue message detected on '${this.queue.name}'.`,
      details: `MessageId: ${m.messageId}, DequeueCount: ${m.dequeueCount}, InsertedOn: ${m.insertedOn.toISOString()}`,
    };
    const ok = await runTriggered(this.host, this.fn, { string: text }, queueMetadata(m, text), cause);
    if (ok) await this.queue.deleteMessage(m.messageId, m.popReceipt);
    else if (m.dequeueCount >= this.settings.dequeueCountMax) await this.bury(m);
    else {
      const hiddenS = Math.round(this.settings.visibilityTimeoutMs / 1000);
      await this.queue.updateMessage(m.messageId, m.popReceipt, m.messageText, hiddenS);
    }
  }

  private async bury(m: QueueMessage): Promise<void> {
    const poison = this.poison();
    await poison.createIfNotExists();
    await poison.sendMessage(m.messageText);
    await this.queue.deleteMessage(m.messageId, m.popReceipt);
    const text = `Message has reached MaxDequeueCount of ${this.settings.dequeueCountMax}. Moving message to queue '${poison.name}'.`;
    tell(this.host, this.fn, 'warning', text);
  }
}

function decoded(text: string, encoding: QueueSettings['encoding']): string | null {
  if (encoding === 'none') return text;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  return Buffer.from(text, 'base64').toString('utf8');
}

function queueMetadata(m: QueueMessage, text: string) {
  return metadataOf({
    QueueTrigger: text,
    Id: m.messageId,
    DequeueCount: m.dequeueCount,
    PopReceipt: m.popReceipt,
    InsertionTime: m.insertedOn,
    ExpirationTime: m.expiresOn,
    NextVisibleTime: m.nextVisibleOn,
  });
}
