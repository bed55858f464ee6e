/** The entities of infra/servicebus.config.json, the one source for the local broker and for Azure. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './compiled';

export type Settings = Record<string, string | number | boolean>;
export interface Entity {
  readonly Name: string;
  readonly Properties: Settings;
}
interface Subscription extends Entity {
  readonly Rules: readonly { readonly Name: string }[];
}
interface Topic extends Entity {
  readonly Subscriptions: readonly Subscription[];
}

const [namespace] = (
  JSON.parse(readFileSync(path.join(ROOT, 'infra', 'servicebus.config.json'), 'utf8')) as {
    UserConfig: { Namespaces: [{ Queues: Entity[]; Topics: Topic[] }] };
  }
).UserConfig.Namespaces;
export const QUEUES = namespace.Queues;
export const TOPICS = namespace.Topics;
export const SUBSCRIPTIONS = TOPICS.flatMap((topic) => topic.Subscriptions);
