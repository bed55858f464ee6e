/**
 * One invocation as the Node worker does it: invocation model, preInvocation hooks, the function, postInvocation hooks.
 * The result stays a live value; only HTTP results and outputs are converted further. Leaves out what a trigger's payload is.
 * Source: contract A "Pipeline per invocation"; worker src/eventHandlers/InvocationHandler.ts.
 */
import type { LogLine } from '../types';
import type { CoreApi, FunctionCallback, InvocationModel, InvocationResponse } from './coreApi';
import type { AppFunction } from './functionTable';
import { logEnd, logFailure, logStart, type Cause } from './invocationLog';
import type { Watchdog } from './watchdog';

export interface TypedData {
  string?: string;
  json?: string;
  http?: unknown;
  int?: number;
  bytes?: Uint8Array;
  collectionString?: { string: string[] };
}

export interface InvocationInput {
  name: string;
  data: TypedData;
}

/** The failure before, given to a retried function as context.retryContext. */
export interface RetryContext {
  retryCount: number;
  maxRetryCount: number;
  exception?: { message: string; source: string; stackTrace: string };
}

/** What differs from an ordinary invocation. */
export interface InvocationOptions {
  cause?: Cause;
  retryContext?: RetryContext;
  /** sees the context before the function does */
  prepare?: (context: object) => void;
  /** chosen by the caller instead of drawn */
  invocationId?: string;
}

export interface InvokeHost {
  core: CoreApi;
  newInvocationId(): string;
  /** absent: logs are dropped without formatting further */
  log?: (line: LogLine) => void;
  capture?: (fn: AppFunction, inputs: InvocationInput[], metadata: Record<string, TypedData> | null) => void;
  /** absent: no function has outputs */
  writeOutputs?: (fn: AppFunction, response: InvocationResponse, trigger: TriggerParts) => Promise<void>;
  /** absent: no function has blob inputs */
  readInputs?: (fn: AppFunction, trigger: TriggerParts) => Promise<InvocationInput[]>;
  watchdog?: Watchdog;
}

/** What `{name}` in the paths of inputs and outputs may stand for. */
export interface TriggerParts {
  inputs: InvocationInput[];
  metadata: Record<string, TypedData> | null;
}

export interface InvocationResult {
  value: unknown;
  model: InvocationModel;
  context: object;
  /** there when outputs made the conversion necessary */
  response?: InvocationResponse;
}

const NO_OPTIONS: InvocationOptions = {};

/** Runs a function. Throws what the function (or a hook, or one of its outputs) threw. */
export async function invoke(
  host: InvokeHost,
  fn: AppFunction,
  inputs: InvocationInput[],
  triggerMetadata: Record<string, TypedData> | null,
  options: InvocationOptions = NO_OPTIONS,
): Promise<InvocationResult> {
  const invocationId = options.invocationId ?? host.newInvocationId();
  host.capture?.(fn, inputs, triggerMetadata);
  if (!host.log) return run(host, fn, inputs, triggerMetadata, options, invocationId);
  const startedAt = logStart(host.log, fn, invocationId, options.cause);
  try {
    const result = await run(host, fn, inputs, triggerMetadata, options, invocationId);
    logEnd(host.log, fn, invocationId, startedAt);
    return result;
  } catch (error) {
    logFailure(host.log, fn, invocationId, startedAt, error);
    throw error;
  }
}

async function run(
  host: InvokeHost,
  fn: AppFunction,
  inputs: InvocationInput[],
  triggerMetadata: Record<string, TypedData> | null,
  options: InvocationOptions,
  invocationId: string,
): Promise<InvocationResult> {
  const { core } = host;
  const trigger = { inputs, metadata: triggerMetadata };
  const inputData =
    fn.blobInputs.length > 0 && host.readInputs ? [...inputs, ...(await host.readInputs(fn, trigger))] : inputs;
  const coreContext = {
    invocationId,
    request: { invocationId, inputData, triggerMetadata, retryContext: options.retryContext },
    metadata: fn.metadata,
    state: undefined as string | undefined,
    log: (level: string, category: string, message: string) => {
      if (core.hooks.log.length > 0) [level, message] = core.hookLog(level, category, message, called.context);
      host.log?.({
        level: level as LogLine['level'],
        category: category as LogLine['category'],
        message,
        functionName: fn.name,
        invocationId,
      });
    },
  };
  const called: { context?: object } = {};
  const model = (core.model as NonNullable<CoreApi['model']>).getInvocationModel(coreContext);
  const { context, inputs: args } = await model.getArguments();
  called.context = context;
  options.prepare?.(context);
  const { preInvocation, postInvocation } = core.hooks;
  let value: unknown;
  if (preInvocation.length === 0 && postInvocation.length === 0) {
    coreContext.state = 'invocation';
    const work = model.invokeFunction(context, args, fn.callback);
    value = await (host.watchdog ? host.watchdog.watch(fn.name, invocationId, work) : work);
  } else {
    const work = withHooks(core, coreContext, model, context, args, fn.callback);
    value = await (host.watchdog ? host.watchdog.watch(fn.name, invocationId, work) : work);
  }
  if (fn.outputs.length === 0 || !host.writeOutputs) return { value, model, context };
  const response = await model.getResponse(context, value);
  await host.writeOutputs(fn, response, trigger);
  return { value, model, context, response };
}

async function withHooks(
  core: CoreApi,
  coreContext: { state: string | undefined },
  model: InvocationModel,
  context: object,
  args: unknown[],
  callback: FunctionCallback,
): Promise<unknown> {
  const shared = { hookData: {}, appHookData: core.appHookData, invocationContext: context };
  const pre = { ...shared, inputs: args, functionCallback: callback };
  coreContext.state = 'preInvocationHooks';
  for (const hook of core.hooks.preInvocation) await hook(pre);
  const post = { ...shared, inputs: pre.inputs, result: null as unknown, error: null as unknown };
  coreContext.state = 'invocation';
  try {
    post.result = await model.invokeFunction(context, pre.inputs, pre.functionCallback);
  } catch (error) {
    post.error = error ?? new Error('The function threw nothing.');
  }
  coreContext.state = 'postInvocationHooks';
  for (const hook of core.hooks.postInvocation) await hook(post);
  if (post.error !== undefined && post.error !== null) throw post.error;
  return post.result;
}
