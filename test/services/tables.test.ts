/** The contracts of tables, blobs, bus and SMS gateway, run on the memory implementations. */
import { createMemoryBlobs } from '../../services/memory/blobs';
import { createMemoryMessaging } from '../../services/memory/messaging';
import { createMemorySms } from '../../services/memory/sms';
import { createMemoryTables } from '../../services/memory/tables';
import { DELIVERIES_MAX, type DomainEvent } from '../../services/messaging';
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
busContract('memory', (failures) => {
  const bus = createMemoryMessaging();
  const sent: string[] = [];
  const heard: DomainEvent[] = [];
  let left = failures;
  bus.handle('outbound-texts', async (orders) => {
    if (left-- > 0) throw new Error('the gateway is away');
    sent.push(...orders.map(({ text }) => text.messageId));
  });
  bus.subscribe((event) => heard.push(event));
  return { bus, sent: async () => sent, heard: async () => heard };
});

it('a message that fails at every delivery is heard of by its sender: in memory nobody could keep it', async () => {
  const bus = createMemoryMessaging();
  let deliveries = 0;
  bus.handle('sms-receipts', async () => {
    deliveries += 1;
    throw new Error('it cannot be handled');
  });
  await expect(bus.send('sms-receipts', [{} as never])).rejects.toThrow('it cannot be handled');
  expect(deliveries).toBe(DELIVERIES_MAX);
});
