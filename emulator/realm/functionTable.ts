/**
 * The registered functions by kind, and the refusal of what this host cannot run. Names are matched without case, as
 * the real host does. Leaves out loading (loadApp) and calling (invoke).
 */
import type { BindingInfo, FunctionMetadata, RegisteredFunction } from './coreApi';

export type TriggerKind =
  'http' | 'timer' | 'orchestration' | 'activity' | 'entity' | 'serviceBus' | 'storageQueue' | 'blob';

export interface NamedBinding {
  /** key in the bindings; `$return` for the function's result */
  key: string;
  binding: BindingInfo;
}

export interface AppFunction {
  name: string;
  kind: TriggerKind;
  trigger: BindingInfo;
  /** key of the trigger in the bindings */
  triggerName: string;
  /** names of durable client inputs */
  clients: string[];
  /** blobs read before the function runs */
  blobInputs: NamedBinding[];
  /** queues, topics and blobs written after it */
  outputs: NamedBinding[];
  metadata: FunctionMetadata;
  callback: RegisteredFunction['callback'];
}

/** Which functions stay out. */
export interface Selection {
  isDisabled(name: string): boolean;
  /** host.json `functions`; null: all */
  only: readonly string[] | null;
}

const ALL: Selection = { isDisabled: () => false, only: null };

const KINDS: Record<string, TriggerKind> = {
  httptrigger: 'http',
  timertrigger: 'timer',
  orchestrationtrigger: 'orchestration',
  activitytrigger: 'activity',
  entitytrigger: 'entity',
  servicebustrigger: 'serviceBus',
  queuetrigger: 'storageQueue',
  blobtrigger: 'blob',
};

export class FunctionTable {
  /** those that run */
  readonly all: AppFunction[] = [];
  readonly disabled: AppFunction[] = [];
  private readonly byKind = new Map<TriggerKind, Map<string, AppFunction>>();

  /** Throws one Error that lists every function it cannot host, with its trigger type. */
  constructor(functions: Iterable<RegisteredFunction>, selection: Selection = ALL) {
    const problems: string[] = [];
    const names = new Set<string>();
    for (const kind of Object.values(KINDS)) this.byKind.set(kind, new Map());
    const only = selection.only?.map((n) => n.toLowerCase());
    for (const f of functions) {
      const lower = f.metadata.name.toLowerCase();
      if (only && !only.includes(lower)) continue;
      const result = describe(f);
      if (typeof result === 'string' && selection.isDisabled(f.metadata.name)) continue;
      if (typeof result === 'string') problems.push(result);
      else if (names.has(lower))
        problems.push(`Function '${result.name}' is registered twice (names differ only in case).`);
      else {
        names.add(lower);
        if (selection.isDisabled(result.name)) this.disabled.push(result);
        else {
          this.all.push(result);
          this.byKind.get(result.kind)?.set(lower, result);
        }
      }
    }
    const unknown = only?.filter((n) => !names.has(n)) ?? [];
    if (unknown.length > 0 && problems.length === 0)
      problems.push(`host.json lists in "functions" what the app does not register: ${unknown.join(', ')}.`);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  find(kind: TriggerKind, name: string): AppFunction | undefined {
    const functions = this.byKind.get(kind);
    return functions?.get(name) ?? functions?.get(name.toLowerCase());
  }

  of(kind: TriggerKind): AppFunction[] {
    return [...(this.byKind.get(kind)?.values() ?? [])];
  }

  /** Of any kind, running or disabled. */
  named(name: string): AppFunction | undefined {
    const lower = name.toLowerCase();
    return [...this.all, ...this.disabled].find((f) => f.name.toLowerCase() === lower);
  }
}

function describe(f: RegisteredFunction): AppFunction | string {
  const { metadata, callback } = f;
  const bindings = Object.entries(metadata.bindings);
  const found = bindings.find(([, b]) => b.type.toLowerCase().endsWith('trigger'));
  if (!found) return `Function '${metadata.name}' has no trigger.`;
  const [triggerName, trigger] = found;
  const kind = KINDS[trigger.type.toLowerCase()];
  if (!kind) {
    return (
      `Function '${metadata.name}' has a trigger of type '${trigger.type}', which this host does not run. It runs ` +
      'httpTrigger, timerTrigger, serviceBusTrigger, queueTrigger, blobTrigger, orchestrationTrigger, activityTrigger ' +
      `and entityTrigger. To run the others, set AzureWebJobs.${metadata.name}.Disabled to true.`
    );
  }
  const clients: string[] = [];
  const blobInputs: NamedBinding[] = [];
  const outputs: NamedBinding[] = [];
  for (const [key, binding] of bindings) {
    if (key === triggerName) continue;
    const type = binding.type.toLowerCase();
    const refused = refusal(metadata.name, key, binding, type);
    if (refused) return refused;
    if (type === 'durableclient' || type === 'orchestrationclient') clients.push(key);
    else if (binding.direction === 'out' && type !== 'http') outputs.push({ key, binding });
    else if (type === 'blob') blobInputs.push({ key, binding });
  }
  const deferred = isDeferred(trigger) ? sdkBinding(metadata.name, trigger) : null;
  return (
    deferred ?? { name: metadata.name, kind, trigger, triggerName, clients, blobInputs, outputs, metadata, callback }
  );
}

/** Inputs must be given; an output of any kind may be there, and what cannot be sent is told when it is set (bindings). */
function refusal(name: string, key: string, binding: BindingInfo, type: string): string | null {
  if (isDeferred(binding)) return sdkBinding(name, binding);
  if (binding.direction === 'out' || ['durableclient', 'orchestrationclient', 'blob'].includes(type)) return null;
  return `Function '${name}' has the input '${key}' of type '${binding.type}', which this host does not give. It gives durableClient and blob.`;
}

const isDeferred = (binding: BindingInfo): boolean =>
  (binding.properties as Record<string, string> | undefined)?.supportsDeferredBinding === 'true';

const sdkBinding = (name: string, binding: BindingInfo): string =>
  `Function '${name}' asks for an SDK type in its ${binding.type} (sdkBinding: true), which this host does not give. ` +
  'Leave sdkBinding out and take the content.';
