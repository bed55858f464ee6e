/** Asks what holds the clock in the main thread, over the worker's messages. */
import type { External } from '../types';
import type { ExternalQuestion } from './protocol';

type Result = boolean | number | null | undefined;

export class Questions {
  private readonly open = new Map<number, { resolve: (value: Result) => void; reject: (error: Error) => void }>();
  private nextId = 1;

  constructor(private readonly post: (id: number, name: string, question: ExternalQuestion) => void) {}

  external(name: string): External {
    return {
      isIdle: async () => (await this.ask(name, { ask: 'isIdle' })) !== false,
      nextDueMs: async () => (await this.ask(name, { ask: 'nextDueMs' })) as number | null | undefined,
      moveTo: async (atMs) => void (await this.ask(name, { ask: 'moveTo', atMs })),
    };
  }

  take(id: number, result: Result, error: string | undefined): void {
    const waiting = this.open.get(id);
    this.open.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  private ask(name: string, question: ExternalQuestion): Promise<Result> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject });
      this.post(id, name, question);
    });
  }
}
