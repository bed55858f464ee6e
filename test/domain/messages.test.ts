/** Texts: one GSM-7 segment whatever the names, nothing but the allowed content; ids by hand with sha256sum. */
import { composeText, gsm7, isGsm7, messageIdOf, segmentsOf, type MessageKind } from '../../domain/messages';
import { DEFAULT_PRACTICE, parseCampaign } from '../../domain/policy';

const KINDS: MessageKind[] = [
  'INVITE',
  'FOLLOW_UP',
  'ADAPTIVE',
  'STOP_CONFIRM',
  'HELP',
  'OPT_IN_CONFIRM',
  'BOOKING_OFFER',
];
const ID = 'e2434953b5249d2f31e8f071d7af4002';
const each = KINDS.flatMap((kind) => (['en', 'es'] as const).map((language) => ({ kind, language })));

describe('a message id', () => {
  it.each([
    ['pilot-2026', 'P000001', '1', 0, 'e2434953b5249d2f31e8f071d7af4002'],
    ['pilot-2026', 'P-7', 'A2026-02-09', 1, '7a94720af141a2a0631abf0e6da294b4'],
    ['pilot-2026', 'P-7', 'Rr-1', 0, 'b87ca35759000afd31196bd26977a635'],
  ])('of %s|%s|%s|%i is the first half of its SHA-256', (campaignId, patientId, wave, touch, id) => {
    expect(messageIdOf(campaignId, patientId, wave, touch)).toBe(id);
  });
});

describe('a text', () => {
  const longest = parseCampaign({
    campaignId: 'c',
    startsOn: '2026-01-05',
    practice: {
      name: 'Ž'.repeat(2) + 'W'.repeat(38),
      phone: '+123456789012345',
      bookingUrl: `https://${'x'.repeat(52)}`,
    },
  }).practice;

  it.each(each)('$kind in $language is one segment for the longest names of all', ({ kind, language }) => {
    for (const firstName of ['Maximiliana-Josephine Wilhelmina', 'A', '', 'Łukasz Ñandú', '李小龍', 'x'.repeat(200)])
      for (const practice of [DEFAULT_PRACTICE, longest]) {
        const text = composeText({ kind, language, firstName, practice, messageId: ID });
        expect(isGsm7(text)).toBe(true);
        expect([...text].length).toBeLessThanOrEqual(160);
        expect(segmentsOf(text)).toBe(1);
      }
  });

  it.each(each)('$kind in $language says who sends it and how to stop or rejoin', ({ kind, language }) => {
    const text = composeText({ kind, language, firstName: 'Zvalonka', practice: DEFAULT_PRACTICE, messageId: ID });
    expect(text).toContain('Zephyr Health');
    expect(text).toMatch(kind === 'STOP_CONFIRM' ? /START/ : /STOP/);
  });

  it('is these words in English and Spanish, and nothing else', () => {
    const say = (kind: MessageKind, language: 'en' | 'es') =>
      composeText({ kind, language, firstName: 'Zvalonka', practice: DEFAULT_PRACTICE, messageId: ID });
    expect(say('INVITE', 'en')).toBe(
      'Zvalonka, Zephyr Health: please book a visit with your doctor: https://zephyr.example/b/e2434953b5. Reply STOP to opt out',
    );
    expect(say('INVITE', 'es')).toBe(
      'Zvalonka, Zephyr Health: haga una cita con su doctor: https://zephyr.example/b/e2434953b5. Responda STOP para no recibir',
    );
  });

  it.each(each)('$kind in $language tells no condition, tier, score or clinic, and no id of the patient', (request) => {
    const text = composeText({ ...request, firstName: 'Zvalonka', practice: DEFAULT_PRACTICE, messageId: ID });
    expect(text).not.toMatch(/risk|tier|condition|chronic|clinic|serious|vip|diabet|P0|riesgo|enferm|clinica/i);
    expect(text).not.toContain(ID);
  });

  it('falls back to the call-back number where the link does not fit, then drops the name', () => {
    const practice = { ...DEFAULT_PRACTICE, bookingUrl: `https://${'x'.repeat(52)}` };
    const say = (firstName: string) =>
      composeText({ kind: 'FOLLOW_UP', language: 'es', firstName, practice, messageId: ID });
    expect(say('Zvalonka')).toContain('+13125550100');
    expect(say('Zvalonka')).toMatch(/^Zvalonka, /);
    expect(say('Z'.repeat(80))).toMatch(/^Zephyr Health: /);
  });
});

describe('the GSM-7 alphabet', () => {
  it.each([
    ['José', 'José'],
    ['Zoë', 'Zoe'],
    ['Åsa Ñu', 'Åsa Ñu'],
    ['Šárka', 'Sarka'],
    ['Nguyễn', 'Nguyen'],
    ['名', ''],
    ['a{b}€', 'ab'],
  ])('%p is fitted to %p', (from, to) => {
    expect(gsm7(from)).toBe(to);
    expect(isGsm7(to)).toBe(true);
  });

  it.each([
    [160, 1],
    [161, 2],
    [306, 2],
    [307, 3],
  ])('%i characters are %i segments', (length, segments) => {
    expect(segmentsOf('a'.repeat(length))).toBe(segments);
  });
});
