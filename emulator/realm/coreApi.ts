/**
 * `@azure/functions-core` as the Node worker supplies it: answered for that exact id by a patched Module.prototype.require,
 * before any app code loads. Holds the registered functions and hooks of this realm.
 * Source: contract A; Azure/azure-functions-nodejs-worker src/setupCoreModule.ts, src/coreApi/*.
 */
import Module from 'node:module';

export interface BindingInfo {
  type: string;
  name: string;
  direction?: string;
  [key: string]: unknown;
}

export interface FunctionMetadata {
  name: string;
  bindings: Record<string, BindingInfo>;
  retryOptions?: Record<string, unknown>;
}

export type FunctionCallback = (...args: unknown[]) => unknown;

export interface InvocationResponse {
  returnValue?: unknown;
  outputData?: { name: string; data: unknown }[];
}

export interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  name: string;
  version: string;
  getInvocationModel(coreContext: unknown): InvocationModel;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

export interface RegisteredFunction {
  metadata: FunctionMetadata;
  callback: FunctionCallback;
}

export type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';
type HookCallback = (context: Record<string, unknown>) => unknown;

const HOOKS: readonly string[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];

export class CoreApi {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly hooks: Record<HookName, HookCallback[]> = {
    appStart: [],
    appTerminate: [],
    preInvocation: [],
    postInvocation: [],
    log: [],
  };
  readonly appHookData: Record<string, unknown> = {};
  /** hookData of hooks outside of invocations: appStart and appTerminate share it */
  readonly appLevelHookData: Record<string, unknown> = {};
  model: ProgrammingModel | null = null;
  private closed = false;

  constructor(private readonly onLog: (level: string, category: string, message: string) => void) {}

  /** No functions can be registered from here on. */
  close(): void {
    this.closed = true;
  }

  /** Address of the library's own server for streamed HTTP, or null when the app did not ask for streams. */
  async httpUri(): Promise<string | null> {
    const capabilities = await this.model?.getCapabilities?.({});
    return capabilities?.HttpUri ?? null;
  }

  /** Runs the app's log hooks, which may change level and message of user logs. */
  hookLog(level: string, category: string, message: string, invocationContext?: object): [string, string] {
    const context = {
      hookData: this.appLevelHookData,
      appHookData: this.appHookData,
      level,
      category,
      message,
      invocationContext,
    };
    for (const hook of this.hooks.log) hook(context);
    return category === 'user' ? [context.level, context.message] : [level, message];
  }

  /** Patches require for this realm. Must run before app code loads. Returns what undoes it. */
  install(): () => void {
    const api = this.module();
    const original = Module.prototype.require;
    Module.prototype.require = function (this: Module, id: string): unknown {
      return id === '@azure/functions-core' ? api : original.call(this, id);
    } as typeof original;
    return () => void (Module.prototype.require = original);
  }

  private module(): Record<string, unknown> {
    const functions = this.functions;
    return {
      version: '3.9.1',
      hostVersion: '4.1037.0',
      setProgrammingModel: (m: ProgrammingModel) => void (this.model = m),
      getProgrammingModel: () => this.model,
      registerFunction: (metadata: FunctionMetadata & { functionId?: string }, callback: FunctionCallback) => {
        if (this.closed) throw new Error(`A function can only be registered during app startup: '${metadata.name}'.`);
        if (functions.has(metadata.name))
          throw new Error(`A function with name "${metadata.name}" is already registered.`);
        functions.set(metadata.name, { metadata, callback });
        return new Disposable(() => functions.delete(metadata.name));
      },
      registerHook: (name: string, callback: HookCallback) => this.registerHook(name, callback),
      log: (level: string, category: string, message: string) => this.onLog(level, category, message),
      Disposable,
    };
  }

  private registerHook(name: string, callback: HookCallback): Disposable {
    if (!HOOKS.includes(name)) {
      throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true });
    }
    const list = this.hooks[name as HookName];
    list.push(callback);
    return new Disposable(() => {
      const i = list.indexOf(callback);
      if (i >= 0) list.splice(i, 1);
    });
  }
}

class Disposable {
  constructor(private readonly callOnDispose: () => void) {}

  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => items.forEach((i) => i.dispose()));
  }

  dispose(): void {
    this.callOnDispose();
  }
}
