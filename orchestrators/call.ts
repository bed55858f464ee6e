/** Calling activities by name, with their types, and again when storage or gateway fail for a while. */
import { RetryOptions, type OrchestrationContext } from 'durable-functions';
import type { Activities } from './names';
import type { Steps } from './sleep';

/** Six attempts over about eight minutes: an outage of that length loses nothing. */
const ATTEMPTS_MAX = 6;
const FIRST_RETRY_MS = 15_000;

export function* call<Name extends keyof Activities>(
  context: OrchestrationContext,
  name: Name,
  input: Activities[Name][0],
): Steps<Activities[Name][1]> {
  const retry = new RetryOptions(FIRST_RETRY_MS, ATTEMPTS_MAX);
  retry.backoffCoefficient = 2;
  return (yield context.df.callActivityWithRetry(name, retry, input)) as Activities[Name][1];
}
