/**
 * Opens a data folder, new or left by an earlier host, and refuses what is no such folder, was written by another version or
 * is damaged, saying what to do. A file cut short must be found out here: LMDB maps it into memory, and reading past its end
 * would end the process.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Backend } from './backend';
import { lockFolder } from './folderLock';
import { LmdbBackend } from './lmdbBackend';

export const FORMAT = { format: 'durable-emulator-data', version: 1 };
const FORMAT_FILE = 'format.json';
const DATA_FILE = 'data.mdb';

/** LMDB's meta page: where things stand in it. */
const META = { magicAt: 0x18, magic: 0xbeefc0de, pageSizeAt: 0x30, lastPageAt: 0x90, transactionAt: 0x98, bytes: 0xa0 };
/** Pages at the end of the file that a transaction took and gave back without writing them. */
const UNWRITTEN_MAX = 4;

export interface OpenFolder {
  backend: Backend;
  close(): Promise<void>;
}

/** Rejects with what is wrong with the folder and what to do. Makes the folder when there is none. */
export async function openFolder(folder: string): Promise<OpenFolder> {
  makeFolder(folder);
  const unlock = await lockFolder(folder);
  try {
    checkFormat(folder);
    checkData(folder);
    const backend = new LmdbBackend(folder);
    checkReadable(folder, backend);
    return {
      backend,
      async close() {
        await backend.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

function makeFolder(folder: string): void {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new Error(`The data folder ${folder} is a file. Give the path of a folder, which may be new.`);
  }
  mkdirSync(folder, { recursive: true });
}

function checkFormat(folder: string): void {
  const file = path.join(folder, FORMAT_FILE);
  if (!existsSync(file)) {
    const others = readdirSync(folder);
    if (others.length > 0) {
      throw new Error(
        `The data folder ${folder} holds other files (${others.slice(0, 3).join(', ')}) and no ${FORMAT_FILE}, so it was ` +
          'not made by durable-emulator. Give an empty or a new folder.',
      );
    }
    writeFileSync(`${file}.new`, JSON.stringify(FORMAT) + '\n', { flush: true });
    renameSync(`${file}.new`, file);
    return;
  }
  const found = formatOf(readFileSync(file, 'utf8'));
  if (found?.format !== FORMAT.format) {
    throw damaged(folder, `its ${FORMAT_FILE} does not say ${JSON.stringify(FORMAT)}`);
  }
  if (found.version !== FORMAT.version) {
    throw new Error(
      `The data folder ${folder} has format version ${String(found.version)}; this durable-emulator reads version ` +
        `${FORMAT.version}. Use the version of durable-emulator that wrote it, or give another folder.`,
    );
  }
}

function formatOf(text: string): { format?: unknown; version?: unknown } | null {
  try {
    return JSON.parse(text) as { format?: unknown; version?: unknown } | null;
  } catch {
    return null;
  }
}

function checkData(folder: string): void {
  const file = path.join(folder, DATA_FILE);
  if (!existsSync(file) || statSync(file).size === 0) return;
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const first = readMeta(fd, 0);
    const second = first && readMeta(fd, first.pageSize);
    if (!first || !second) throw damaged(folder, `${DATA_FILE} does not begin as an LMDB file does`);
    const newest = second.transaction > first.transaction ? second : first;
    const expected = (newest.lastPage + 1) * first.pageSize;
    if (size < expected - UNWRITTEN_MAX * first.pageSize) {
      throw damaged(folder, `${DATA_FILE} has ${size} bytes where ${expected} are expected; it was cut short`);
    }
  } finally {
    closeSync(fd);
  }
}

/** Null when there is no meta page at this place. */
function readMeta(fd: number, at: number): { pageSize: number; lastPage: number; transaction: number } | null {
  const page = Buffer.alloc(META.bytes);
  if (readSync(fd, page, 0, META.bytes, at) < META.bytes || page.readUInt32LE(META.magicAt) !== META.magic) return null;
  return {
    pageSize: page.readUInt32LE(META.pageSizeAt),
    lastPage: Number(page.readBigUInt64LE(META.lastPageAt)),
    transaction: Number(page.readBigUInt64LE(META.transactionAt)),
  };
}

/** Reads something of every table. */
function checkReadable(folder: string, backend: LmdbBackend): void {
  try {
    for (const { value } of backend.firstRows()) JSON.parse(value);
  } catch (error) {
    void backend.close();
    throw damaged(folder, (error as Error).message);
  }
}

/** What a folder gets whose content makes no sense. */
export function damaged(folder: string, why: string): Error {
  return new Error(
    `The data folder ${folder} is damaged: ${why}. It cannot be repaired: restore it from a copy, or delete it (or give ` +
      'another one) to begin anew.',
  );
}
