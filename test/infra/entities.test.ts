/** infra/servicebus.config.json: within what the official emulator takes, and with what the product uses. */
import { DELIVERIES_MAX, DOMAIN_EVENTS, QUEUES as QUEUES_OF_APP } from '../../services/messaging';
import { QUEUES, SUBSCRIPTIONS, TOPICS } from './serviceBusConfig';

describe('infra/servicebus.config.json', () => {
  it('has the entities of the product', () => {
    expect(QUEUES.map(({ Name }) => Name)).toEqual([
      'outbound-texts',
      'sms-events',
      'sms-replies',
      'sms-receipts',
      'call-intervals',
      'appointment-events',
    ]);
    expect(
      TOPICS.map(({ Name, Subscriptions }) => [Name, Subscriptions.map((subscription) => subscription.Name)]),
    ).toEqual([['domain-events', ['audit']]]);
  });

  it('has what the app sends to and receives from, with as many deliveries as it counts to', () => {
    const names = QUEUES.map(({ Name }) => Name);
    expect(names).toEqual(expect.arrayContaining([...QUEUES_OF_APP]));
    expect(TOPICS.map(({ Name }) => Name)).toContain(DOMAIN_EVENTS);
    for (const { Properties } of QUEUES) expect(Properties['MaxDeliveryCount']).toBe(DELIVERIES_MAX);
  });

  it('is what the official emulator takes: ten deliveries, an hour, five minutes of memory', () => {
    for (const { Properties } of [...QUEUES, ...TOPICS, ...SUBSCRIPTIONS]) {
      expect(Number(Properties['MaxDeliveryCount'] ?? 1)).toBeLessThanOrEqual(10);
      expect(Properties['DefaultMessageTimeToLive']).toMatch(/^PT(1H|[1-5]?\dM)$/);
      expect(Properties['LockDuration'] ?? 'PT1M').toMatch(/^PT[1-5]M$/);
      expect(Properties['DuplicateDetectionHistoryTimeWindow'] ?? 'PT5M').toMatch(/^PT([1-5]M|[1-5]?\dS)$/);
    }
  });

  it('lets nothing vanish: what expires or fails is dead-lettered', () => {
    for (const { Properties } of [...QUEUES, ...SUBSCRIPTIONS])
      expect(Properties['DeadLetteringOnMessageExpiration']).toBe(true);
  });

  it('knows a text again by its id', () => {
    expect(QUEUES[0]!.Properties).toMatchObject({ RequiresDuplicateDetection: true });
  });

  it('replaces the rule that takes everything wherever a subscription has rules', () => {
    for (const { Rules } of SUBSCRIPTIONS)
      if (Rules.length > 0) expect(Rules.map(({ Name }) => Name)).toContain('$Default');
  });
});
