/**
 * The traps of contract H that this host makes loud: where the real one hangs, misroutes or loses data, strict mode
 * ends the instance (or the call) with a message that names the trap, the function and the way round it.
 * Leaves out traps that the real host already reports (H15, H21) and those nobody can see from outside (H7, H19).
 */

export class TrapError extends Error {
  constructor(
    readonly trap: string,
    functionName: string,
    what: string,
    wayRound: string,
  ) {
    super(`[trap ${trap}] '${functionName}': ${what} ${wayRound}`);
    this.name = 'TrapError';
  }
}

export const reusedTask = (fn: string, action: string): TrapError =>
  new TrapError(
    'H6',
    fn,
    `a task (${action}) is used again in a new Task.any or Task.all; the real host would schedule it a second time and ` +
      'from then on results would reach the wrong tasks (with only completed tasks, H16, it would never go on).',
    'Make a new task for each Task.any/Task.all, or yield the pending task by itself.',
  );

export const unregistered = (fn: string, kind: string, name: string): TrapError =>
  new TrapError(
    'H14',
    fn,
    `it calls the ${kind} '${name}', which is not registered; the real host would leave the instance Running for ever.`,
    `Register '${name}' or correct the name.`,
  );

export const badChildId = (fn: string, id: string, why: string): TrapError =>
  new TrapError(
    'H14',
    fn,
    `it starts a sub-orchestration with the instance id '${id}', ${why}; the real host would hang.`,
    'Use another instance id, or none.',
  );

export const retrySibling = (fn: string): TrapError =>
  new TrapError(
    'H17',
    fn,
    'a Task.all that failed was caught while a sibling with a retry policy (or a long timer) went on; the real host would ' +
      'number its next task differently and results would reach the wrong tasks.',
    'Catch the failure inside a sub-orchestration, or wait for each task by itself.',
  );

export const retryTimeout = (fn: string, activity: string): TrapError =>
  new TrapError(
    'H18',
    fn,
    `the retryTimeoutInMilliseconds of '${activity}' has passed; the real host stops retrying without a word and the ` +
      'orchestrator would wait for ever.',
    'Limit retries by maxNumberOfAttempts, or race the call against a timer.',
  );

export const pollingPair = (fn: string): TrapError =>
  new TrapError(
    'H26',
    fn,
    'two polling callHttp tasks run at once; after a 202 host and orchestrator number tasks differently and the real host ' +
      'fails the instance as non-deterministic.',
    'Call one after the other, or pass enablePolling: false.',
  );

export const numericEventName = (fn: string, name: string): TrapError =>
  new TrapError(
    'H22',
    fn,
    `it waits for the external event '${name}'; a number as name collides with task ids.`,
    'Give the event a name that is no number.',
  );

export const childFailureWithoutDetails = (fn: string): TrapError =>
  new TrapError(
    'H8',
    fn,
    'a sub-orchestration was terminated; its failure has no details, which durable-functions cannot parse, so the error ' +
      'cannot be caught and the real host fails the instance as non-deterministic.',
    'Ask the child to end by an external event instead of terminating it.',
  );

export const entityErrorUnparsable = (fn: string): TrapError =>
  new TrapError(
    'H9',
    fn,
    'an entity answered with an error that is not JSON; durable-functions throws outside user code.',
    'Return errors as values from the entity.',
  );

export const thrownNothing = (fn: string): TrapError =>
  new TrapError(
    'H13',
    fn,
    'it threw something that is no Error, or an Error without a message; the host cannot see that it failed (stuck Running ' +
      'up to extension 3.15.2).',
    'Throw an Error with a message.',
  );

export const thrownDate = (fn: string): TrapError =>
  new TrapError(
    'H27',
    fn,
    'the message of the error it threw is an ISO date; the real host reads it as a date, cannot see that the orchestrator ' +
      'failed, and shows the raw answer as its failure.',
    'Put words around the date.',
  );

/** The host has nothing more to answer, and no event can come that the orchestrator has asked for. */
export const neverEnds = (fn: string): TrapError =>
  new TrapError(
    'H7',
    fn,
    'it waits for a task that the host has answered already; the real host would leave the instance Running for ever. A task ' +
      'for an event that was yielded twice has taken the event (H7), or a Task.all or Task.any has only completed tasks (H16).',
    'Yield each task for an event once, and make new tasks for each Task.all or Task.any.',
  );

export const newerChild = (fn: string, child: string, version: string | null): TrapError =>
  new TrapError(
    'I (versions)',
    fn,
    `it starts the sub-orchestration '${child}' in version '${version ?? ''}', which this host does not run (host.json: defaultVersion, versionMatchStrategy); ` +
      'the real host would leave the child Pending and its parent Running for ever.',
    'Start a version that the host runs.',
  );

export const terminatedEntity = (entity: string): TrapError =>
  new TrapError(
    'I (terminated entity)',
    entity,
    'it was terminated: the real host still takes signals for it (202) and calls to it hang, and neither does anything.',
    `Purge '${entity}' first, which makes its name free again.`,
  );

export const lockedForEver = (entity: string, owner: string): TrapError =>
  new TrapError(
    'I (lock of a failed orchestration)',
    entity,
    `the orchestration '${owner}' failed or was terminated while it held the lock: on the real host the entity stays locked, signals do ` +
      'nothing, and whoever calls or locks it hangs.',
    `Let orchestrations release their locks, and purge '${entity}', which loses its state.`,
  );

export const errorWithoutText = (entity: string): TrapError =>
  new TrapError(
    'H10',
    entity,
    'an operation threw an Error, which reaches the caller as {}: its message is lost.',
    'Return errors as values, or throw a string.',
  );

export const replacedRunning = (fn: string, id: string): TrapError =>
  new TrapError(
    'I (child id of a running instance)',
    fn,
    `it starts a sub-orchestration under the id '${id}' of an instance that is still running; the real host would silently ` +
      'replace that instance and its waiting parent would hang.',
    'Use an id of its own for each child.',
  );

export const returnTwice = (entity: string): TrapError =>
  new TrapError(
    'H11',
    entity,
    'an operation called context.df.return() more than once; all later results of the batch would reach the wrong callers.',
    'Call return() once per operation.',
  );

export const mixedCaseTarget = (entity: string, target: string): TrapError =>
  new TrapError(
    'H12',
    entity,
    `it signals the entity '${target}'; the real host does not lower-case this name and creates a separate instance that no ` +
      'one reads.',
    `Use '${target.toLowerCase()}'.`,
  );
