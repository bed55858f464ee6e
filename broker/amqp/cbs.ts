/**
 * Claims (`$cbs`): any token is taken, since this broker serves one machine, but it must be for an entity that exists.
 * Azure too says here that an entity is missing, and this is where the client looks for it.
 */
import { BrokerError, entityNotFound } from '../core/errors';
import type { Namespace } from '../core/namespace';
import type { ReplyLinks } from './replies';
import type { RequestMessage } from './rheaTypes';

const MANAGEMENT = '/$management';

export function answerClaim(request: RequestMessage, namespace: Namespace, replies: ReplyLinks): void {
  const { operation, name } = request.application_properties ?? {};
  const problem =
    operation === 'put-token' ? audienceProblem(String(name ?? ''), namespace) : `no operation ${String(operation)}`;
  const code = problem === null ? 202 : operation === 'put-token' ? 404 : 501;
  replies.send(request, { 'status-code': code, 'status-description': problem ?? 'Accepted' });
}

function audienceProblem(audience: string, namespace: Namespace): string | null {
  const path = pathOf(audience);
  if (path === '') return null;
  try {
    const plain = withoutManagement(path);
    const isEntity = namespace.entities.has(plain.toLowerCase());
    if (!isEntity) namespace.queueAt(plain);
    return null;
  } catch (error) {
    if (error instanceof BrokerError) return entityNotFound(audience).message;
    throw error;
  }
}

/** `sb://host:port/queue` → `queue`. */
function pathOf(audience: string): string {
  const path = /^[a-z]+:\/\/[^/]*\/?(.*)$/i.exec(audience)?.[1] ?? audience;
  return decodeURIComponent(path.replace(/%(?![0-9a-f]{2})/gi, '%25')).replace(/\/+$/, '');
}

export function withoutManagement(path: string): string {
  return path.toLowerCase().endsWith(MANAGEMENT) ? path.slice(0, -MANAGEMENT.length) : path;
}

export function isManagement(path: string): boolean {
  return path.toLowerCase().endsWith(MANAGEMENT);
}
