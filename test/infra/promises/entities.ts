/** On Azure the entities of infra/servicebus.config.json, but for the exceptions that serviceBus.bicep gives reasons for. */
import { type Compiled, type Resource } from '../compiled';
import { QUEUES, SUBSCRIPTIONS, TOPICS, type Entity, type Settings } from '../serviceBusConfig';
import { ofType } from '../resources';

/** What Azure has that the emulator cannot. */
const INBOUND = { DefaultMessageTimeToLive: 'P14D' };
const AZURE_ONLY: Record<string, Settings> = {
  'outbound-texts': { DuplicateDetectionHistoryTimeWindow: 'P1D' },
  'sms-events': INBOUND,
  'sms-replies': INBOUND,
  'sms-receipts': INBOUND,
  'call-intervals': INBOUND,
  'appointment-events': INBOUND,
  'domain-events': { ...INBOUND, DuplicateDetectionHistoryTimeWindow: 'P1D' },
  // A subscription keeps as long as its topic.
  audit: INBOUND,
};

export function entities(compiled: Compiled): void {
  describe('Service Bus', () => {
    /** As Azure spells it, in its own case; an empty forward is none. */
    const onAzure = ({ Name, Properties }: Entity): [string, Settings] => [
      Name,
      Object.fromEntries(
        Object.entries({ ...Properties, ...AZURE_ONLY[Name] }).filter(([, value]) => value !== ''),
      ) as Settings,
    ];
    const asConfigured = ({ name, properties }: Resource): [string, Settings] => [
      name.split('/').at(-1)!,
      Object.fromEntries(
        Object.entries(properties)
          .filter(([key, value]) => value !== null && key !== 'deadLetteringOnFilterEvaluationExceptions')
          .map(([key, value]) => [key[0]!.toUpperCase() + key.slice(1), value]),
      ) as Settings,
    ];

    it.each(['dev', 'prod'])('%s has the queues of the file, but for the named exceptions', (environment) => {
      const queues = ofType(compiled, environment, 'Microsoft.ServiceBus/namespaces/queues');
      expect(queues.map(asConfigured)).toEqual(QUEUES.map(onAzure));
    });

    it.each(['dev', 'prod'])('%s has the topics and subscriptions of the file', (environment) => {
      const topics = ofType(compiled, environment, 'Microsoft.ServiceBus/namespaces/topics');
      const subscriptions = ofType(compiled, environment, 'Microsoft.ServiceBus/namespaces/topics/subscriptions');
      expect(topics.map(asConfigured)).toEqual(TOPICS.map(onAzure));
      expect(subscriptions.map(asConfigured)).toEqual(SUBSCRIPTIONS.map(onAzure));
    });
  });
}
