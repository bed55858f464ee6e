/**
 * An instance read from the store. Its history, its run and a large input stay there until somebody looks: lists and
 * events for idle instances need none of them.
 */
import type { HostRun } from '../core/hostRun';
import type { Instance } from '../core/types';

export interface Source {
  history(): string;
  run(): HostRun | null;
  input(): string | null;
}

export class LoadedInstance {
  #source: Source;
  #history: string | undefined;
  #run: HostRun | null | undefined;
  #input: string | null | undefined;

  constructor(fields: object, source: Source) {
    Object.assign(this, fields);
    this.#source = source;
  }

  get history(): string {
    return (this.#history ??= this.#source.history());
  }

  set history(text: string) {
    this.#history = text;
  }

  get run(): HostRun | null {
    return this.#run === undefined ? (this.#run = this.#source.run()) : this.#run;
  }

  set run(run: HostRun | null) {
    this.#run = run;
  }

  get input(): string | null {
    return this.#input === undefined ? (this.#input = this.#source.input()) : this.#input;
  }

  set input(text: string | null) {
    this.#input = text;
  }

  static historyOf(record: Instance): string | undefined {
    return isLoaded(record) ? record.#history : record.history;
  }

  static runOf(record: Instance): HostRun | null | undefined {
    return isLoaded(record) ? record.#run : record.run;
  }

  static inputOf(record: Instance): string | null | undefined {
    return isLoaded(record) ? record.#input : record.input;
  }
}

const isLoaded = (record: unknown): record is LoadedInstance => record instanceof LoadedInstance;
