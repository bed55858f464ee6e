/** Azurite in a process of its own, in memory, on free ports: queues and blobs for the triggers' tests. */
import { spawn } from 'node:child_process';

export interface Azurite {
  connectionString: string;
  stop(): void;
}

const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
/** A busy machine takes some seconds. */
const START_MAX_MS = 30_000;
const ACCOUNT = 'devstoreaccount1';

export async function startAzurite(): Promise<Azurite> {
  const args = [require.resolve('azurite/dist/src/azurite.js'), '--inMemoryPersistence', '--disableTelemetry'];
  args.push('--skipApiVersionCheck', '--blobPort', '0', '--queuePort', '0', '--tablePort', '0');
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`Azurite did not start in time: ${text}`));
    }, START_MAX_MS);
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!port(text, 'Blob') || !port(text, 'Queue')) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('close', () => reject(new Error(`Azurite ended: ${text}`)));
  });
  const endpoint = (service: string): string => `http://127.0.0.1:${port(text, service)}/${ACCOUNT}`;
  return {
    connectionString:
      `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};` +
      `BlobEndpoint=${endpoint('Blob')};QueueEndpoint=${endpoint('Queue')};`,
    stop: () => void child.kill('SIGKILL'),
  };
}

const port = (text: string, service: string): string | undefined =>
  new RegExp(`Azurite ${service} service is successfully listening at \\S+:(\\d+)`).exec(text)?.[1];
