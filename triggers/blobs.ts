/**
 * The vendor may drop its files into the container `preferences` instead of sending them by HTTP. A file that is refused
 * whole is an ordinary event of the day, recorded as over HTTP; a wrong name is counted as an incident and changes
 * nothing. The same file seen twice changes nothing. The host tries five times to have one taken and does not say which
 * time it is, so already the first failure is an incident, once for each version of the file.
 */
import type { InvocationContext } from '@azure/functions';
import { reportIncident } from '../activities/journal';
import { takePreferences } from '../activities/takePreferences';
import { isDate } from '../domain/calendar';
import { systemClock, type WaitingClock } from '../services/clock';
import { messengerOf } from '../services/messenger';
import { EVERYWHERE } from '../services/rows';
import type { Services } from '../services/services';
import { untilLessBusy } from './busy';

export function dropPreferences(services: Services, waiting: Pick<WaitingClock, 'wait'> = systemClock) {
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
    try {
      await takePreferences(services, messengerOf(context), { date, name, content, atMs });
    } catch (error) {
      await untilLessBusy(error, TIMES_UNKNOWN, waiting);
      const droppedAtMs = droppedAt(context) ?? atMs;
      // What the taking failed on may keep the incident from being written too; the next time writes it.
      await reportIncident(services, EVERYWHERE, droppedAtMs, 'PREFERENCES_FILE_NOT_TAKEN', name).catch(
        () => undefined,
      );
      throw error;
    }
  };
}

/** The longest wait, then: five times are soon over. */
const TIMES_UNKNOWN = 5;

/** When this version of the file was written. */
function droppedAt({ triggerMetadata }: InvocationContext): number | undefined {
  const { lastModified } = (triggerMetadata?.['properties'] ?? {}) as { lastModified?: unknown };
  const atMs = typeof lastModified === 'string' ? Date.parse(lastModified) : NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
