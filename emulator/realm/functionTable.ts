/**
 * The registered functions by kind, and the refusal of what this host cannot run. Names are matched without case, as
 * the real host does. Leaves out loading (loadApp) and calling (invoke).
 */
import type { BindingInfo, FunctionMetadata, RegisteredFunction } from './coreApi';

export type TriggerKind = 'http' | 'timer' | 'orchestration' | 'activity' | 'entity';

export interface AppFunction {
  name: string;
  kind: TriggerKind;
  trigger: BindingInfo;
  /** key of the trigger in the bindings */
  triggerName: string;
  /** names of durable client inputs */
  clients: string[];
  metadata: FunctionMetadata;
  callback: RegisteredFunction['callback'];
}

const KINDS: Record<string, TriggerKind> = {
  httptrigger: 'http',
  timertrigger: 'timer',
  orchestrationtrigger: 'orchestration',
  activitytrigger: 'activity',
  entitytrigger: 'entity',
};

export class FunctionTable {
  readonly all: AppFunction[] = [];
  private readonly byKind: Record<TriggerKind, Map<string, AppFunction>> = {
    http: new Map(),
    timer: new Map(),
    orchestration: new Map(),
    activity: new Map(),
    entity: new Map(),
  };

  /** Throws one Error that lists every function it cannot host, with its trigger type. */
  constructor(functions: Iterable<RegisteredFunction>) {
    const problems: string[] = [];
    const names = new Set<string>();
    for (const f of functions) {
      const result = describe(f);
      if (typeof result === 'string') problems.push(result);
      else if (names.has(result.name.toLowerCase()))
        problems.push(`Function '${result.name}' is registered twice (names differ only in case).`);
      else {
        names.add(result.name.toLowerCase());
        this.all.push(result);
        this.byKind[result.kind].set(result.name.toLowerCase(), result);
      }
    }
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  find(kind: TriggerKind, name: string): AppFunction | undefined {
    return this.byKind[kind].get(name) ?? this.byKind[kind].get(name.toLowerCase());
  }

  of(kind: TriggerKind): AppFunction[] {
    return [...this.byKind[kind].values()];
  }
}

function describe(f: RegisteredFunction): AppFunction | string {
  const { metadata, callback } = f;
  const found = Object.entries(metadata.bindings).find(([, b]) => b.type.toLowerCase().endsWith('trigger'));
  if (!found) return `Function '${metadata.name}' has no trigger.`;
  const [triggerName, trigger] = found;
  const kind = KINDS[trigger.type.toLowerCase()];
  if (!kind) {
    return (
      `Function '${metadata.name}' has a trigger of type '${trigger.type}', which this host does not run. ` +
      'It runs httpTrigger, timerTrigger, orchestrationTrigger, activityTrigger and entityTrigger.'
    );
  }
  const clients = Object.entries(metadata.bindings)
    .filter(([, b]) => b.type === 'durableClient' || b.type === 'orchestrationClient')
    .map(([key]) => key);
  return { name: metadata.name, kind, trigger, triggerName, clients, metadata, callback };
}
