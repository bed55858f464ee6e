/**
 * Blob trigger by scanning the container: each version (etag) of a blob that fits the path runs the function once; receipts
 * are kept in the data folder. After five failures a note goes to the queue webjobs-blobtrigger-poison.
 * Source: Azure Functions blob trigger (LogsAndContainerScan). Event Grid as a source is refused.
 */
import type { AppFunction } from '../realm/functionTable';
import { blobService, splitPath, type BlobItem, type ContainerClient } from './blobService';
import { metadataOf } from './payloads';
import { Poller } from './poller';
import { encoded, queueService } from './queueService';
import { Receipts } from './receipts';
import { runTriggered, tell, textOf } from './runTriggered';
import type { Listening, TriggerHost } from './triggerHost';

const ATTEMPTS_MAX = 5;
const POISON = 'webjobs-blobtrigger-poison';
const SHORTEST_POLL_MS = 200;
const LONGEST_POLL_MS = 2000;

export function startBlob(host: TriggerHost, fn: AppFunction): Listening {
  const neededBy = `Function '${fn.name}'`;
  if (/^eventgrid$/i.test(String(fn.trigger.source ?? ''))) {
    throw new Error(
      `${neededBy} has a blob trigger with source 'EventGrid', whose events this host cannot receive. ` +
        "Leave source out (or 'LogsAndContainerScan'): the container is then scanned.",
    );
  }
  const { container, name } = splitPath(String(fn.trigger.path), neededBy);
  const client = blobService(host, String(fn.trigger.connection ?? ''), neededBy).getContainerClient(container);
  const trigger = new BlobTrigger(host, fn, client, container, new PathPattern(name));
  const poller = new Poller({
    poll: (signal) => trigger.scan(signal),
    shortestMs: SHORTEST_POLL_MS,
    longestMs: LONGEST_POLL_MS,
    onError: (error) => tell(host, fn, 'error', `The container '${container}' cannot be read: ${textOf(error)}`),
  });
  host.externals.add(`the container '${container}'`, poller.external);
  return poller.start();
}

class BlobTrigger {
  private readonly receipts: Receipts;

  constructor(
    private readonly host: TriggerHost,
    private readonly fn: AppFunction,
    private readonly client: ContainerClient,
    private readonly container: string,
    private readonly pattern: PathPattern,
  ) {
    this.receipts = new Receipts(host.dataFolder, fn.name);
  }

  async scan(abortSignal: AbortSignal): Promise<boolean> {
    const fresh: { item: BlobItem; parts: Record<string, string> }[] = [];
    try {
      const options = {
        includeMetadata: true,
        abortSignal,
        ...(this.pattern.prefix ? { prefix: this.pattern.prefix } : {}),
      };
      for await (const item of this.client.listBlobsFlat(options)) {
        const parts = this.pattern.match(item.name);
        if (parts && !this.receipts.has(item.name, item.properties.etag)) fresh.push({ item, parts });
      }
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return false; // no such container yet
      throw error;
    }
    if (fresh.length === 0) return false;
    await this.host.engine.whileHeld(async () => {
      for (const { item, parts } of fresh) await this.take(item, parts);
    });
    return true;
  }

  private async take(item: BlobItem, parts: Record<string, string>): Promise<void> {
    const blob = this.client.getBlockBlobClient(item.name);
    const path = `${this.container}/${item.name}`;
    const cause = { reason: `New blob detected(LogsAndContainerScan): ${path}` };
    const metadata = metadataOf({
      BlobTrigger: path,
      Uri: blob.url,
      Properties: item.properties,
      Metadata: item.metadata ?? {},
      ...parts,
    });
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const content = await blob.downloadToBuffer();
      if (await runTriggered(this.host, this.fn, { bytes: content }, metadata, cause)) break;
      if (attempt === ATTEMPTS_MAX) await this.bury(item);
    }
    this.receipts.put(item.name, item.properties.etag);
  }

  private async bury(item: BlobItem): Promise<void> {
    const note = {
      Type: 'BlobTrigger',
      FunctionId: `Host.Functions.${this.fn.name}`,
      BlobType: 'BlockBlob',
      ContainerName: this.container,
      BlobName: item.name,
      ETag: item.properties.etag,
    };
    tell(this.host, this.fn, 'warning', `${ATTEMPTS_MAX} attempts failed; a note goes to the queue '${POISON}'.`);
    try {
      const connection = String(this.fn.trigger.connection ?? '');
      const queue = queueService(this.host, connection, `Function '${this.fn.name}'`).getQueueClient(POISON);
      await queue.createIfNotExists();
      await queue.sendMessage(encoded(JSON.stringify(note), this.host.hostJson.queues.encoding));
    } catch (error) {
      tell(this.host, this.fn, 'error', `The note to '${POISON}' could not be written: ${textOf(error)}`);
    }
  }
}

/** A blob name with `{part}`s, such as `in/{name}.{extension}`. */
class PathPattern {
  readonly prefix: string;
  private readonly names: string[] = [];
  private readonly regex: RegExp;

  constructor(pattern: string) {
    this.prefix = pattern.split('{')[0] as string;
    const source = pattern.replace(/\{(\w+)\}|[^{}]+/g, (text, name?: string) => {
      if (name === undefined) return text.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
      this.names.push(name);
      return '(.+)';
    });
    this.regex = new RegExp(`^${source}$`);
  }

  match(name: string): Record<string, string> | null {
    const found = this.regex.exec(name);
    return found && Object.fromEntries(this.names.map((n, i) => [n, found[i + 1] as string]));
  }
}
