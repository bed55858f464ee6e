/** Tables in memory with faults laid over them keep the contract of failing tables, and without faults the whole one. */
import { READS, withFaults, type StorageFault } from '../../services/faulty';
import { createMemoryTables } from '../../services/memory/tables';
import { tablesContract } from './contracts';
import { tablesFailureContract } from './failureContract';

tablesContract('memory with faults, of which none befalls', () => withFaults(createMemoryTables(), () => null));
tablesFailureContract('memory', () => {
  let fault: StorageFault | null = null;
  let which = 'all';
  const tables = withFaults(createMemoryTables(), ({ operation }) =>
    which === 'all' || !READS.has(operation) ? fault : null,
  );
  return {
    table: tables.table('things'),
    fail(next, of = 'all') {
      fault = next;
      which = of;
    },
  };
});
