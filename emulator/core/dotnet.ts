/**
 * .NET text that the real host puts into failures: serialised exceptions with their stacks, and what its credential
 * sanitizer takes out of messages of the worker. Source: recorded/activity-failure, call-http; contract H27.
 */

/** Where a function invocation fails inside the real host. */
const INVOKER_STACK = [
  'Microsoft.Azure.WebJobs.Script.Description.WorkerFunctionInvoker.InvokeCore(Object[] parameters, FunctionInvocationContext context)',
  'Microsoft.Azure.WebJobs.Script.Description.FunctionInvokerBase.Invoke(Object[] parameters)',
  'Microsoft.Azure.WebJobs.Script.Description.FunctionGenerator.Coerce[T](Task`1 src)',
  'Microsoft.Azure.WebJobs.Host.Executors.FunctionInvoker`2.InvokeAsync(Object instance, Object[] arguments)',
  'Microsoft.Azure.WebJobs.Host.Executors.FunctionExecutor.InvokeWithTimeoutAsync(IFunctionInvoker invoker, ParameterHelper parameterHelper, CancellationTokenSource timeoutTokenSource, CancellationTokenSource functionCancellationTokenSource, Boolean throwOnTimeout, TimeSpan timerInterval, IFunctionInstance instance)',
  'Microsoft.Azure.WebJobs.Host.Executors.FunctionExecutor.ExecuteWithWatchersAsync(IFunctionInstanceEx instance, ParameterHelper parameterHelper, ILogger logger, CancellationTokenSource functionCancellationTokenSource)',
  'Microsoft.Azure.WebJobs.Host.Executors.FunctionExecutor.ExecuteWithLoggingAsync(IFunctionInstanceEx instance, FunctionStartedMessage message, FunctionInstanceLogEntry instanceLogEntry, ParameterHelper parameterHelper, ILogger logger, CancellationToken cancellationToken)',
];

export const dotnetStack = (frames: readonly string[]): string => frames.map((f) => `   at ${f}`).join('\n');

const INVOKED_AT = dotnetStack(INVOKER_STACK);
const NO_DATA = { $type: 'System.Collections.ListDictionaryInternal, System.Private.CoreLib' };
const COR_E_EXCEPTION = -2146233088;
const E_FAIL = -2147467259;

/** The worker's failure as the exception that the extension serialises into Details. */
export function workerException(message: string, stack: string): string {
  return JSON.stringify({
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: message,
    Data: null,
    InnerException: {
      $type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
      IsUserException: false,
      RemoteStackTrace: stack,
      RemoteMessage: message,
      RemoteTypeName: null,
      Message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
      Data: NO_DATA,
      InnerException: null,
      HelpLink: null,
      Source: 'System.Private.CoreLib',
      HResult: COR_E_EXCEPTION,
      StackTrace: INVOKED_AT,
    },
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: COR_E_EXCEPTION,
    Source: null,
    WatsonBuckets: null,
  });
}

/** A request of callHttp that got no answer. `address` is host:port. */
export function requestException(
  problem: string,
  address: string,
  httpRequestError: number,
  nativeErrorCode: number,
): string {
  return JSON.stringify({
    $type: 'System.Net.Http.HttpRequestException, System.Net.Http',
    HttpRequestError: httpRequestError,
    StatusCode: null,
    Message: `${problem} (${address})`,
    Data: NO_DATA,
    InnerException: {
      $type: 'System.Net.Sockets.SocketException, System.Net.Primitives',
      ClassName: 'System.Net.Sockets.SocketException',
      Message: problem,
      Data: null,
      InnerException: null,
      HelpURL: null,
      StackTraceString: '',
      RemoteStackTraceString: null,
      RemoteStackIndex: 0,
      ExceptionMethod: null,
      HResult: E_FAIL,
      Source: 'System.Net.Sockets',
      WatsonBuckets: null,
      NativeErrorCode: nativeErrorCode,
    },
    HelpLink: null,
    Source: 'System.Net.Http',
    HResult: E_FAIL,
    StackTrace: '',
  });
}

const HIDDEN = '[Hidden Credential]';
const CREDENTIALS = [
  'Token=',
  'DefaultEndpointsProtocol=http',
  'AccountKey=',
  'Data Source=',
  'Server=',
  'Password=',
  'pwd=',
  '&amp;sig=',
  '&sig=',
  '?sig=',
  'SharedAccessKey=',
  '&amp;code=',
  '&code=',
  '?code=',
  'key=',
];
const ALLOWED = 'publickeytoken=';

/** Hides what looks like a credential, from its name to the next quote or `<`, as the real host does to worker messages. */
export function sanitized(text: string): string {
  if (!text.includes('=')) return text;
  let out = text;
  for (const token of CREDENTIALS) {
    const wanted = token.toLowerCase();
    for (let from = 0; ;) {
      const lower = out.toLowerCase();
      const at = lower.indexOf(wanted, from);
      if (at < 0) break;
      const allowedAt = lower.lastIndexOf(ALLOWED, at);
      if (allowedAt >= 0 && allowedAt + ALLOWED.length >= at + wanted.length) {
        from = at + wanted.length;
        continue;
      }
      const rest = out.slice(at + token.length).search(/[<"']/);
      out = out.slice(0, at) + HIDDEN + (rest < 0 ? '' : out.slice(at + token.length + rest));
      from = at + HIDDEN.length;
    }
  }
  return out;
}
