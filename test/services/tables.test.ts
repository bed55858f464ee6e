/** The contracts of tables, blobs, bus and SMS gateway, run on the memory implementations. */
import { createMemoryBlobs } from '../../services/memory/blobs';
import { createMemoryBus } from '../../services/memory/bus';
import { createMemorySms } from '../../services/memory/sms';
import { createMemoryTables } from '../../services/memory/tables';
import type { Sms } from '../../services/sms';
import { blobsContract, busContract, smsContract, tablesContract } from './contracts';

function watchedSms() {
  const sms = createMemorySms();
  const sent: string[] = [];
  sms.subscribe(({ messageId }) => sent.push(messageId));
  return { sms, sent: () => sent };
}

tablesContract('memory', createMemoryTables);
blobsContract('memory', createMemoryBlobs);
smsContract('memory', watchedSms);
/** A gateway without a memory, so that it is the bus that must know what it handed on. */
busContract('memory', (failures) => {
  const sent: string[] = [];
  let left = failures;
  const forgetful: Sms = {
    async send(texts) {
      if (left-- > 0) throw new Error('the gateway is away');
      sent.push(...texts.map(({ messageId }) => messageId));
      return texts.map(() => 'ACCEPTED');
    },
    lookup: async (ids) => ids.map(() => 'UNKNOWN'),
  };
  return { bus: createMemoryBus(forgetful), sent: () => sent };
});
