/** host.json of the other Durable back ends: the one at the root but for where Durable keeps its state. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './compiled';

interface Host {
  extensions: { durableTask: { hubName: string; storageProvider?: Record<string, unknown> } };
}
const read = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as Host;

describe('infra/hosts', () => {
  const root = read('host.json');

  it.each([
    ['Netherite', { type: 'Netherite', EventHubsConnectionName: 'EventHubsConnection', PartitionCount: 12 }],
    ['DurableTaskScheduler', { type: 'azureManaged', connectionStringName: 'DURABLE_TASK_SCHEDULER' }],
  ])('host.%s.json is host.json with another storage provider', (backend, provider) => {
    const variant = read(`infra/hosts/host.${backend}.json`);
    expect(variant.extensions.durableTask.storageProvider).toMatchObject(provider);
    delete variant.extensions.durableTask.storageProvider;
    expect(variant).toEqual(root);
  });

  it('names a hub and settings that durable.bicep makes', () => {
    const durable = readFileSync(path.join(ROOT, 'infra', 'modules', 'durable.bicep'), 'utf8');
    expect(durable).toContain(`var hubName = '${root.extensions.durableTask.hubName}'`);
    for (const expected of [
      'var partitions = 12',
      'EventHubsConnection__fullyQualifiedNamespace:',
      'DURABLE_TASK_SCHEDULER:',
    ])
      expect(durable).toContain(expected);
  });

  it('leaves the root on Azure Storage', () => {
    expect(root.extensions.durableTask.storageProvider).toBeUndefined();
  });
});
