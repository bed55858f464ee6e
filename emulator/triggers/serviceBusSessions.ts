/**
 * Sessions of a Service Bus trigger: takes the next free session, handles its messages in order and gives it back when it
 * has been quiet for a moment. Several sessions run side by side. Waits are of the machine's clock.
 */
import { deliver, type BusTrigger } from './serviceBus';
import type { BusReceiver } from './serviceBusClients';
import { tell, textOf } from './runTriggered';
import type { Listening } from './triggerHost';

/** A session without messages for so long is given back. */
const QUIET_MS = 500;
const AFTER_ERROR_MS = 1000;
/** Time for the receiving links to be there before the host counts as started. */
const LINK_WAIT_MS = 150;
/** What closing the client may take. */
const CLOSE_MAX_MS = 1000;
/** What the client's error says when no session has messages. */
const NO_SESSION = /ServiceTimeout|SessionCannotBeLocked|OperationTimeout|timeout/i;

export class SessionPump implements Listening {
  private readonly ending = new AbortController();
  /** sessions that messages are handled of */
  private readonly draining = new Set<Promise<void>>();

  constructor(private readonly trigger: BusTrigger) {}

  async start(): Promise<this> {
    const { concurrentSessionsMax } = this.trigger.host.hostJson.serviceBus;
    for (let i = 0; i < concurrentSessionsMax; i++) void this.loop();
    await new Promise((resolve) => setTimeout(resolve, LINK_WAIT_MS));
    return this;
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.draining);
    // the client answers an abort of its waiting for a session only when that wait is over
    await Promise.race([this.trigger.client.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_MAX_MS))]);
  }

  private async loop(): Promise<void> {
    const { client, entity, options, host, fn, path } = this.trigger;
    while (!this.ending.signal.aborted) {
      try {
        const all = { ...options, abortSignal: this.ending.signal };
        const session = await client.acceptNextSession(...entity, all);
        const drained = this.drain(session).finally(() => session.close());
        this.draining.add(drained);
        await drained.finally(() => this.draining.delete(drained));
      } catch (error) {
        if (this.ending.signal.aborted) return;
        const { code } = error as { code?: string };
        if (NO_SESSION.test(`${code} ${textOf(error)}`)) continue;
        tell(host, fn, 'error', `Message processing error on '${path}': ${textOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, AFTER_ERROR_MS));
      }
    }
  }

  private async drain(session: BusReceiver): Promise<void> {
    const { isBatch, host } = this.trigger;
    const count = isBatch ? host.hostJson.serviceBus.batchMax : 1;
    while (!this.ending.signal.aborted) {
      const messages = await session.receiveMessages(count, { maxWaitTimeInMs: QUIET_MS });
      if (messages.length === 0) return;
      await deliver(this.trigger, session, messages);
    }
  }
}
