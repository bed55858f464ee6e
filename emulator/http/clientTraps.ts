/**
 * The durable client puts ids, names and reasons into its URLs as they are (H5): what looks like a path, a query or a
 * fragment in them sends the call somewhere else. Strict mode sees it by what no route of this API has.
 * Leaves out what the real host answers (management).
 */

const ANYWHERE = ['taskhub', 'connection', 'code'];
const KNOWN: Record<string, string[]> = {
  orchestrators: ['version', 'timeout', 'pollinginterval'],
  instances: [
    'showhistory',
    'showhistoryoutput',
    'showinput',
    'returninternalservererroronfailure',
    'instanceidprefix',
    'createdtimefrom',
    'createdtimeto',
    'runtimestatus',
    'top',
    'reason',
    'restartwithnewinstanceid',
    'timeout',
    'pollinginterval',
  ],
  entities: ['op', 'fetchstate', 'lastoperationtimefrom', 'lastoperationtimeto', 'top'],
};
const OPERATIONS = ['raiseevent', 'terminate', 'suspend', 'resume', 'rewind', 'restart'];

/** What is wrong with a call of the client, with the way round it; null when it can be what was meant. */
export function mangledCall(
  method: string,
  parts: readonly string[],
  params: URLSearchParams,
  fragment: string,
): string | null {
  const known = KNOWN[parts[0] ?? ''];
  if (!known) return null;
  if (fragment !== '') return trap(`what follows the '#' (${fragment})`);
  for (const name of params.keys()) {
    if (![...known, ...ANYWHERE].includes(name.toLowerCase()))
      return trap(`'${name}', which stands after a '?' or '&'`);
  }
  const tooLong =
    parts[0] === 'instances'
      ? parts.length > 2 && (method !== 'POST' || !OPERATIONS.includes((parts[2] ?? '').toLowerCase()))
      : parts.length > 3;
  const longEvent = parts[0] === 'instances' && parts.length > (parts[2]?.toLowerCase() === 'raiseevent' ? 4 : 3);
  return tooLong || longEvent ? trap(`'${parts.slice(1).join('/')}', whose parts are divided by '/'`) : null;
}

const trap = (what: string): string =>
  `[trap H5] the durable client does not encode ids, keys, names and reasons in its URLs: the host gets ${what} as something ` +
  'else than it was meant for. Use encodeURIComponent for reasons, and keep / ? # & out of ids, keys and names.';
