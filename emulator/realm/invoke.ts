/**
 * One invocation as the Node worker does it: invocation model, preInvocation hooks, the function, postInvocation hooks.
 * The result stays a live value; only HTTP results are converted further (http/). Leaves out what a trigger's payload is.
 * Source: contract A "Pipeline per invocation"; worker src/eventHandlers/InvocationHandler.ts.
 */
import type { LogLine } from '../types';
import type { CoreApi, FunctionCallback, InvocationModel } from './coreApi';
import type { AppFunction } from './functionTable';

export interface TypedData {
  string?: string;
  json?: string;
  http?: unknown;
  int?: number;
}

export interface InvocationInput {
  name: string;
  data: TypedData;
}

export interface InvokeHost {
  core: CoreApi;
  newInvocationId(): string;
  /** absent: logs are dropped without formatting further */
  log?: (line: LogLine) => void;
  capture?: (fn: AppFunction, inputs: InvocationInput[], metadata: Record<string, TypedData> | null) => void;
}

export interface InvocationResult {
  value: unknown;
  model: InvocationModel;
  context: object;
}

/** Runs a function. Throws what the function (or a hook) threw. */
export async function invoke(
  host: InvokeHost,
  fn: AppFunction,
  inputs: InvocationInput[],
  triggerMetadata: Record<string, TypedData> | null,
): Promise<InvocationResult> {
  const { core } = host;
  const invocationId = host.newInvocationId();
  host.capture?.(fn, inputs, triggerMetadata);
  const coreContext = {
    invocationId,
    request: { invocationId, inputData: inputs, triggerMetadata },
    metadata: fn.metadata,
    state: undefined as string | undefined,
    log: (level: string, category: string, message: string) => {
      host.log?.({
        level: level as LogLine['level'],
        category: category as LogLine['category'],
        message,
        functionName: fn.name,
        invocationId,
      });
    },
  };
  const model = (core.model as NonNullable<CoreApi['model']>).getInvocationModel(coreContext);
  const { context, inputs: args } = await model.getArguments();
  if (core.hooks.preInvocation.length === 0 && core.hooks.postInvocation.length === 0) {
    coreContext.state = 'invocation';
    return { value: await model.invokeFunction(context, args, fn.callback), model, context };
  }
  return { value: await withHooks(core, coreContext, model, context, args, fn.callback), model, context };
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
  const post = { ...shared, inputs: pre.inputs, result: undefined as unknown, error: undefined as unknown };
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
