/**
 * The wire text of entity messages as it stands in histories (EventSent and EventRaised inputs). The orchestrator reads
 * only `id`, `result` and `exceptionType`; the rest is there so that histories look as the real host's do.
 * Source: contract E, recorded/entity-orchestrator, recorded/entity-lock.
 */
import { iso } from './history';
import type { EntityRef, Stamp } from './types';

const ASSEMBLY = 'Microsoft.Azure.WebJobs.Extensions.DurableTask';
const REQUEST = `"$type":"${ASSEMBLY}.RequestMessage, ${ASSEMBLY}"`;
const RESPONSE = `"$type":"${ASSEMBLY}.ResponseMessage, ${ASSEMBLY}"`;
const RELEASE = `"$type":"${ASSEMBLY}.ReleaseMessage, ${ASSEMBLY}"`;
const ENTITY_ID = `"$type":"${ASSEMBLY}.EntityId, ${ASSEMBLY}"`;

export interface RequestFields extends Stamp {
  operation: string;
  signal: boolean;
  input: string | null;
  id: string;
  parent: string;
  parentExecution: string;
  at: number;
  /** JSON member of a signal that is due later */
  due?: string;
}

export function requestMessage(r: RequestFields): string {
  return (
    `{${REQUEST},"op":${JSON.stringify(r.operation)}${r.signal ? ',"signal":true' : ''}` +
    `${r.input === null ? '' : `,"input":${JSON.stringify(r.input)}`},"id":"${r.id}","parent":${JSON.stringify(r.parent)},` +
    `"parentExecution":"${r.parentExecution}",${r.due === undefined ? '' : `"due":"${r.due}",`}"Timestamp":"${r.timestamp}","Predecessor":"${r.predecessor}",` +
    `"requestTime":"${iso(r.at).slice(0, 23)}+00:00"}`
  );
}

export function lockMessage(id: string, parent: string, execution: string, s: Stamp, lockset: EntityRef[]): string {
  const set = lockset.map((e) => `{${ENTITY_ID},"name":${JSON.stringify(e.name)},"key":${JSON.stringify(e.key)}}`);
  return (
    `{${REQUEST},"op":null,"id":"${id}","parent":${JSON.stringify(parent)},"parentExecution":"${execution}",` +
    `"Timestamp":"${s.timestamp}","Predecessor":"${s.predecessor}","lockset":[${set.join(',')}]}`
  );
}

export function releaseMessage(parent: string, id: string): string {
  return `{${RELEASE},"parent":${JSON.stringify(parent)},"id":"${id}"}`;
}

/** `result` is JSON text, or undefined when the operation returned nothing. */
export function responseMessage(result: string | undefined, exceptionType: string | null): string {
  const value = `,"result":${result === undefined ? 'null' : JSON.stringify(result)}`;
  return `{${RESPONSE}${value}${exceptionType === null ? '' : `,"exceptionType":"${exceptionType}"`}}`;
}

export const LOCK_GRANTED = `{${RESPONSE},"result":"Lock Acquisition Completed"}`;
