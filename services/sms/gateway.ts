/** The gateway that the settings name. Loaded only where one is set: the SDK takes a while. */
import type { WaitingClock } from '../clock';
import type { Sms } from '../sms';
import { createCommunicationServicesSms } from './communicationServices';
import type { SmsSettings } from './settings';
import { createWebhookSms } from './webhook';

export function createSmsGateway(settings: SmsSettings, clock: WaitingClock): Sms {
  return settings.gateway === 'webhook'
    ? createWebhookSms(settings, { clock })
    : createCommunicationServicesSms(settings, { clock });
}
