/**
 * What stands beside the local host when a run asks for real parts: Azurite for tables and blobs, the AMQP broker for
 * queues, each started here and reached through the real `@azure/*` clients. Gives the settings under which the app finds
 * them, and what a virtual clock must wait for. The broker keeps real time: nothing the campaign does depends on its own.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { External } from 'durable-emulator';
import { APP } from './host';

export interface LocalOptions {
  readonly storage?: 'memory' | 'azurite';
  readonly bus?: 'memory' | 'amqp';
}

export interface Local {
  readonly env: Record<string, string>;
  readonly externals: Record<string, External>;
  stop(): Promise<void>;
}

/** The entities of the bus, the same here and on Azure. */
export const BUS_CONFIG = path.join(APP, 'infra', 'servicebus.config.json');

export async function startLocal(options: LocalOptions): Promise<Local> {
  const env: Record<string, string> = {};
  const externals: Record<string, External> = {};
  const stops: (() => Promise<void>)[] = [];
  if (options.storage === 'azurite') {
    const { startAzurite } = await import('./azurite.js');
    const azurite = await startAzurite();
    stops.push(azurite.stop);
    Object.assign(env, {
      VIP_STORAGE: 'azure',
      AZURE_STORAGE_CONNECTION: azurite.connectionString,
      AzureWebJobsStorage: azurite.connectionString,
    });
  }
  if (options.bus === 'amqp') {
    const { startBroker } = await import('local-service-bus');
    const broker = await startBroker({ config: JSON.parse(readFileSync(BUS_CONFIG, 'utf8')) });
    stops.push(() => broker.stop());
    externals['the bus'] = { isIdle: () => broker.isIdle() };
    Object.assign(env, { VIP_BUS: 'servicebus', ServiceBus: broker.connectionString });
  }
  return {
    env,
    externals,
    async stop() {
      for (const one of stops.reverse()) await one();
    },
  };
}
