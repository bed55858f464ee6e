/**
 * The built-in activity behind context.df.callHttp: one real HTTP request, answered as JSON text. Polling after a 202 is
 * the host run's (core/hostRun). Leaves out managed identity tokens: a tokenSource is ignored.
 * Source: contract D "CallHttp", recorded/call-http.
 */

interface DurableHttpRequest {
  method: string;
  uri: string;
  content?: string | null;
  headers?: Record<string, string> | null;
}

/** Returns `{"headers","content","statusCode"}` as JSON text. Throws when no answer comes. */
export async function callHttp(requestText: string): Promise<string> {
  const request = JSON.parse(requestText) as DurableHttpRequest;
  const response = await fetch(request.uri, {
    method: request.method,
    headers: request.headers ?? {},
    body: request.content ?? undefined,
    redirect: 'manual',
  });
  const headers: Record<string, string> = {};
  response.headers.forEach((value, key) => (headers[key] = value));
  return JSON.stringify({ headers, content: await response.text(), statusCode: response.status });
}
