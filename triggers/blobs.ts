/**
 * The vendor may drop its files into the container `preferences` instead of sending them by HTTP. A file that is refused
 * whole is an ordinary event of the day, recorded as over HTTP; a wrong name is counted as an incident and changes
 * nothing. The same file seen twice changes nothing.
 */
import type { InvocationContext } from '@azure/functions';
import { reportIncident } from '../activities/journal';
import { takePreferences } from '../activities/takePreferences';
import { isDate } from '../domain/calendar';
import { messengerOf } from '../services/messenger';
import { EVERYWHERE } from '../services/rows';
import type { Services } from '../services/services';

export function dropPreferences(services: Services) {
  return async (blob: unknown, context: InvocationContext): Promise<void> => {
    const name = String(context.triggerMetadata?.['name'] ?? '');
    const date = /^preferences-(\d{4}-\d{2}-\d{2})(\.\d+)?\.csv$/.exec(name)?.[1];
    const atMs = services.clock.now();
    if (date === undefined || !isDate(date))
      return reportIncident(
        services,
        EVERYWHERE,
        atMs,
        'FILE_NAME_REFUSED',
        'container preferences: expected names preferences-YYYY-MM-DD[.n].csv',
      );
    const content = Buffer.isBuffer(blob) ? blob.toString('utf8') : String(blob);
    await takePreferences(services, messengerOf(context), { date, name, content, atMs });
  };
}
