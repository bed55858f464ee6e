/** What the triggers and bindings of brokers and storage get from the realm. */
import type { Engine } from '../loop/engine';
import type { HostJson } from '../realm/hostJson';
import type { InvokeHost } from '../realm/invoke';
import type { Environment } from '../realm/settings';
import type { LogLine } from '../types';
import type { Externals } from './externals';

export interface TriggerHost {
  engine: Engine;
  invoke: InvokeHost;
  clientInput: () => string;
  settings: Environment;
  hostJson: HostJson;
  /** absolute */
  appFolder: string;
  /** absolute, or null: what was seen is kept in memory */
  dataFolder: string | null;
  externals: Externals;
  log(line: LogLine): void;
}

/** Something that listens and can be ended: it takes no more, and resolves when what it took is done. */
export interface Listening {
  stop(): Promise<void>;
}
