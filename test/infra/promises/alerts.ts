/** Somebody is told when something breaks, and the runbook says what to do. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Compiled, ROOT } from '../compiled';
import { ofType, theOne } from '../resources';

export function alerts(compiled: Compiled): void {
  describe('alerts', () => {
    const NAMES = ['dead-letters', 'queue-length', 'throttled-bus', 'throttled-storage', 'function-failures'];
    const LOGS = ['campaign-stuck', 'campaign-failed'];

    it.each(['dev', 'prod'])('%s: are all there, on, and go to somebody', (environment) => {
      const metrics = ofType(compiled, environment, 'Microsoft.Insights/metricAlerts');
      const logs = ofType(compiled, environment, 'Microsoft.Insights/scheduledQueryRules');
      expect(metrics.map(({ name }) => name)).toEqual(NAMES.map((name) => `vip-${environment}-${name}`));
      expect(logs.map(({ name }) => name)).toEqual(LOGS.map((name) => `vip-${environment}-${name}`));
      for (const { properties } of [...metrics, ...logs]) {
        expect(properties['enabled']).toBe(true);
        expect(JSON.stringify(properties['actions'])).toContain('actionGroupId');
      }
      expect(
        theOne(compiled, environment, 'Microsoft.Insights/actionGroups').properties['emailReceivers'],
      ).toHaveLength(1);
    });

    it('say so at the first dead letter, of whatever queue', () => {
      const alert = ofType(compiled, 'prod', 'Microsoft.Insights/metricAlerts').find(({ name }) =>
        name.endsWith('dead-letters'),
      )!;
      expect(alert.properties['criteria']).toMatchObject({
        allOf: [
          {
            metricName: 'DeadletteredMessages',
            operator: 'GreaterThan',
            threshold: 0,
            dimensions: [{ values: ['*'] }],
          },
        ],
      });
    });

    it('look for the heartbeat under names the app has and in lines the host writes', () => {
      const query = JSON.stringify(ofType(compiled, 'prod', 'Microsoft.Insights/scheduledQueryRules'));
      const app = readFileSync(path.join(ROOT, 'app.ts'), 'utf8');
      expect(query).toContain("functionName == 'beginDay'");
      expect(app).toContain("activity('beginDay'");
      for (const file of ['host.json', 'infra/hosts/host.Netherite.json', 'infra/hosts/host.DurableTaskScheduler.json'])
        expect(readFileSync(path.join(ROOT, file), 'utf8')).toContain('"Host.Triggers.DurableTask": "Information"');
    });

    it('are each in the runbook, by name', () => {
      const runbook = readFileSync(path.join(ROOT, 'docs', 'runbook.md'), 'utf8');
      for (const name of [...NAMES, ...LOGS]) expect(runbook).toContain(`| \`${name}\` `);
    });
  });
}
