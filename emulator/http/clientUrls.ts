/**
 * The URLs that the host hands out: the durable client input, and the check-status body of a start.
 * Source: contract B, recorded/http-starter, recorded/start-api.
 */

export interface ClientUrls {
  /** `http://host:port` of the public listener */
  origin: string;
  /** base of the endpoint that the client calls, with a trailing slash */
  rpcBaseUrl: string;
  taskHub: string;
  /** the system key; absent where keys are not asked for */
  code?: string;
}

/** Keys are not asked for; a code is still there because clients copy it around. */
const codeOf = (urls: ClientUrls): string => `code=${encodeURIComponent(urls.code ?? 'emulator')}`;

const base = (urls: ClientUrls): string => `${urls.origin}/runtime/webhooks/durabletask`;
const query = (urls: ClientUrls): string =>
  `taskHub=${encodeURIComponent(urls.taskHub)}&connection=Storage&${codeOf(urls)}`;

function instanceUrls(urls: ClientUrls, id: string): Record<string, string> {
  const one = `${base(urls)}/instances/${id}`;
  const q = query(urls);
  return {
    statusQueryGetUri: `${one}?${q}`,
    sendEventPostUri: `${one}/raiseEvent/{eventName}?${q}`,
    terminatePostUri: `${one}/terminate?reason={text}&${q}`,
    rewindPostUri: `${one}/rewind?reason={text}&${q}`,
    purgeHistoryDeleteUri: `${one}?${q}`,
    restartPostUri: `${one}/restart?${q}`,
    suspendPostUri: `${one}/suspend?reason={text}&${q}`,
    resumePostUri: `${one}/resume?reason={text}&${q}`,
  };
}

/** As .NET encodes an id in a link: a blank is a plus sign. */
const encoded = (id: string): string =>
  encodeURIComponent(id)
    .replace(/[~']/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

export const statusUrl = (urls: ClientUrls, id: string): string =>
  instanceUrls(urls, encoded(id)).statusQueryGetUri as string;

/** The eight members of the start route's answer (no rewind). */
export function checkStatusBody(urls: ClientUrls, id: string): Record<string, string> {
  const body: Record<string, string> = { id, ...instanceUrls(urls, encoded(id)) };
  delete body.rewindPostUri;
  return body;
}

/** The durable client input as JSON text. */
export function clientInput(urls: ClientUrls): string {
  return JSON.stringify({
    taskHubName: urls.taskHub,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${base(urls)}/orchestrators/{functionName}[/{instanceId}]?${codeOf(urls)}`,
      createAndWaitOnNewInstancePostUri:
        `${base(urls)}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}` +
        `&pollingInterval={intervalInSeconds}&${codeOf(urls)}`,
    },
    managementUrls: { id: 'INSTANCEID', ...instanceUrls(urls, 'INSTANCEID') },
    baseUrl: base(urls),
    requiredQueryStringParameters: codeOf(urls),
    rpcBaseUrl: urls.rpcBaseUrl,
    httpBaseUrl: null,
    maxGrpcMessageSizeInBytes: null,
    grpcHttpClientTimeout: null,
  });
}
