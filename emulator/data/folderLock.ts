/**
 * One host at a time on a data folder. The lock is a local socket whose name follows from the folder: the operating system
 * gives it up when the process ends, however it ends, so that no stale lock is left behind.
 */
import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Locks a folder that exists; returns what gives the lock up. Rejects when somebody else holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const name = `durable-emulator-${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 24)}`;
  const address = addressOf(name);
  const server = (await listen(address)) ?? ((await isAbandoned(address)) ? await listen(address) : null);
  if (!server) {
    throw new Error(
      `The data folder ${folder} is in use by another host. Stop that one first, or give this one another folder.`,
    );
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function addressOf(name: string): string {
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`);
}

/** Null when the address is taken. */
function listen(address: string): Promise<net.Server | null> {
  const server = net.createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}

/** Where sockets are files, one whose process was killed stays behind, and nobody answers there. Removes it. */
function isAbandoned(address: string): Promise<boolean> {
  if (!path.isAbsolute(address) || process.platform === 'win32') return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = net.connect(address);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', () => {
      rmSync(address, { force: true });
      resolve(true);
    });
  });
}
