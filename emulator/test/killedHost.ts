/**
 * A host in a child process that is killed again and again, at instants drawn from a seed, and started anew on the same data
 * folder. Whoever talks to it repeats what got no answer, as a client of a real host would.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { SeededIds } from '../core/guid';
import type { Teller } from './faultStory';
import { START } from './support';

const CHILD = path.join(__dirname, 'apps', 'child.js');
/** Real time that a host lives at most before it is killed. */
const LIFE_MAX_MS = 150;
const ANSWER_MAX_MS = 10_000;

interface Life {
  url: string;
  process: ChildProcess;
  ended: Promise<void>;
}

export class KilledHost implements Teller {
  kills = 0;
  private isOver = false;
  private life: Promise<Life>;
  private targetMs = Date.parse(START);
  private readonly random: SeededIds;

  constructor(
    seed: number,
    private readonly folder: string,
    private readonly killsMax: number,
  ) {
    this.random = new SeededIds(seed);
    this.life = this.begin();
  }

  async send(method: string, target: string, body?: string): Promise<{ status: number; json: unknown }> {
    for (let attempt = 0; ; attempt++) {
      const { url, ended } = await this.life;
      // an instance that is there has been started, although nobody said so
      const started = /\/orchestrators\/[^/]+\/(.+)$/.exec(target)?.[1];
      try {
        if (attempt > 0 && started !== undefined) {
          const there = await fetch(`${url}/runtime/webhooks/durabletask/instances/${started}`);
          if (there.status !== 404) return { status: 409, json: null };
        }
        const headers = { 'content-type': 'application/json' };
        const reply = await fetch(url + target, body === undefined ? { method } : { method, headers, body });
        const text = await reply.text();
        return { status: reply.status, json: parsed(text) };
      } catch (error) {
        // a host that lives and does not answer is a fault of its own
        const late = new Promise((_, reject) => setTimeout(() => reject(error as Error), ANSWER_MAX_MS).unref());
        await Promise.race([ended, late]);
      }
    }
  }

  async settle(): Promise<void> {
    await this.send('POST', '/admin/clock', '{"runUntilIdle":true}');
  }

  /** To an instant, not by a time: a host that was killed on the way goes on from where it was. */
  async pass(ms: number): Promise<void> {
    this.targetMs += ms;
    await this.send('POST', '/admin/clock', JSON.stringify({ advanceTo: new Date(this.targetMs).toISOString() }));
  }

  async end(): Promise<void> {
    this.isOver = true;
    const life = await this.life;
    life.process.kill('SIGKILL');
    await life.ended;
  }

  private async begin(): Promise<Life> {
    const child = spawn(process.execPath, [CHILD, this.folder, START], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
      child.once('exit', () => reject(new Error(`The host did not start: ${said}`)));
    });
    if (this.kills >= this.killsMax) return { url, process: child, ended: exit };
    setTimeout(() => child.kill('SIGKILL'), this.random.fraction() * LIFE_MAX_MS);
    const ended = exit.then(() => {
      if (this.isOver) return;
      this.kills++;
      this.life = this.begin();
    });
    return { url, process: child, ended };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
