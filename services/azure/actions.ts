/** What is asked of Tables: the filter of a scan, the request for one step or several, and which step an error means. */
import type { TableClient, TableEntity, TransactionAction } from '@azure/data-tables';
import type { RowRange } from '../tables';
import { afterPrefix, escapePrefix } from './keys';

/** An OData filter; empty for the whole table. */
export function filterOf({ pk, pkPrefix, rkAfter, rkBefore }: RowRange): string {
  const prefix = pk === undefined && pkPrefix ? escapePrefix(pkPrefix) : undefined;
  return [
    pk !== undefined && `PartitionKey eq ${quoted(escapePrefix(pk))}`,
    prefix && `PartitionKey ge ${quoted(prefix)} and PartitionKey lt ${quoted(afterPrefix(prefix))}`,
    rkAfter !== undefined && `RowKey gt ${quoted(escapePrefix(rkAfter))}`,
    rkBefore !== undefined && `RowKey lt ${quoted(escapePrefix(rkBefore))}`,
  ]
    .filter(Boolean)
    .join(' and ');
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Several as one transaction, one as a request of its own, which is lighter. Resolves to the ETags. */
export async function sendActions(
  client: TableClient,
  actions: readonly TransactionAction[],
): Promise<readonly (string | undefined)[]> {
  if (actions.length > 1) return (await client.submitTransaction([...actions])).subResponses.map(({ etag }) => etag);
  const [kind, entity, , options] = actions[0]!;
  if (kind === 'create') return [(await client.createEntity(entity)).etag];
  if (kind === 'upsert') return [(await client.upsertEntity(entity, 'Replace')).etag];
  return [(await client.updateEntity(entity as TableEntity, 'Replace', options ?? {})).etag];
}

/** Position in the batch of the row that failed it; Azure puts it before its message. */
export function indexIn(error: unknown): number {
  return Number(/^(\d+):/.exec((error as Error).message)?.[1] ?? 0);
}
