/**
 * What a text says: first name, practice, a link or a call-back number, how to stop, nothing else (HHS FAQ 198 in
 * domain-rules.md; design.md, "Texts"). One segment: at most 160 characters of the GSM-7 alphabet, so wording and names
 * are fitted to it. Link tokens are opaque: a part of the message's own id.
 */
import { createHash } from 'node:crypto';
import type { Practice } from './policy';

export type MessageKind =
  'INVITE' | 'FOLLOW_UP' | 'ADAPTIVE' | 'STOP_CONFIRM' | 'HELP' | 'OPT_IN_CONFIRM' | 'BOOKING_OFFER';
export type Language = 'en' | 'es';

export const SEGMENT_CHARACTERS = 160;
/** The GSM-7 basic alphabet (3GPP TS 23.038); its extension table is left out, its letters cost two. */
const GSM7_TEXT = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/;

/** First 32 lower-case hex digits of SHA-256 of `campaignId|patientId|wave|touch` (formats.md). */
export function messageIdOf(campaignId: string, patientId: string, wave: string, touch: number): string {
  return createHash('sha256').update(`${campaignId}|${patientId}|${wave}|${touch}`, 'utf8').digest('hex').slice(0, 32);
}

interface Words {
  readonly name: string;
  readonly practice: string;
  readonly where: string;
}

const WORDING: Record<MessageKind, Record<Language, (words: Words) => string>> = {
  INVITE: {
    en: (w) => `${w.name}${w.practice}: please book a visit with your doctor: ${w.where}. Reply STOP to opt out`,
    es: (w) => `${w.name}${w.practice}: haga una cita con su doctor: ${w.where}. Responda STOP para no recibir`,
  },
  FOLLOW_UP: {
    en: (w) => `${w.name}${w.practice}: a reminder to book a visit with your doctor: ${w.where}. Reply STOP to opt out`,
    es: (w) =>
      `${w.name}${w.practice}: recuerde hacer una cita con su doctor: ${w.where}. Responda STOP para no recibir`,
  },
  ADAPTIVE: {
    en: (w) => `${w.name}${w.practice}: your doctor has open visits: ${w.where}. Reply STOP to opt out`,
    es: (w) => `${w.name}${w.practice}: su doctor tiene citas: ${w.where}. Responda STOP para no recibir`,
  },
  STOP_CONFIRM: {
    en: (w) => `${w.practice}: you are opted out and will get no more texts. Reply START to rejoin`,
    es: (w) => `${w.practice}: no recibira mas textos. Responda START para volver`,
  },
  HELP: {
    en: (w) => `${w.practice}: help with booking a visit: ${w.where}. Reply STOP to opt out`,
    es: (w) => `${w.practice}: ayuda para hacer su cita: ${w.where}. Responda STOP para no recibir`,
  },
  OPT_IN_CONFIRM: {
    en: (w) => `${w.practice}: you will get texts again. Reply STOP to opt out`,
    es: (w) => `${w.practice}: recibira textos otra vez. Responda STOP para no recibir`,
  },
  BOOKING_OFFER: {
    en: (w) => `${w.name}${w.practice}: choose a time for your visit: ${w.where}. Reply STOP to opt out`,
    es: (w) => `${w.name}${w.practice}: elija la hora de su cita: ${w.where}. Responda STOP para no recibir`,
  },
};

export interface TextRequest {
  readonly kind: MessageKind;
  readonly language: Language;
  readonly firstName: string;
  readonly practice: Practice;
  readonly messageId: string;
}

/**
 * The body, always one segment: the link where it fits, else the call-back number, else without the name. The practice's
 * name is shortened last.
 */
export function composeText(request: TextRequest): string {
  const say = WORDING[request.kind][request.language];
  const practice = gsm7(request.practice.name);
  const name = gsm7(request.firstName).trim();
  const link = `${request.practice.bookingUrl}/${request.messageId.slice(0, 10)}`;
  const greeting = name === '' ? '' : `${name}, `;
  for (const words of [
    { name: greeting, practice, where: link },
    { name: greeting, practice, where: request.practice.phone },
    { name: '', practice, where: request.practice.phone },
  ]) {
    const text = say(words);
    if (text.length <= SEGMENT_CHARACTERS && isGsm7(text)) return text;
  }
  return say({ name: '', practice: practice.slice(0, 20), where: request.practice.phone });
}

/** Segments of a text that is all GSM-7: 160 characters alone, 153 each when split. */
export function segmentsOf(text: string): number {
  return text.length <= SEGMENT_CHARACTERS ? 1 : Math.ceil(text.length / 153);
}

export function isGsm7(text: string): boolean {
  return GSM7_TEXT.test(text);
}

/** Letters outside the alphabet lose their accent; what is still outside is left out. */
export function gsm7(text: string): string {
  if (isGsm7(text)) return text;
  return [...text.normalize('NFC')]
    .map((c) => (isGsm7(c) ? c : [...c.normalize('NFD')].filter(isGsm7).join('')))
    .join('');
}
