/**
 * What a reply means (formats.md rule 13, words of domain-rules.md). A text is trimmed, case-folded, its punctuation
 * turned to spaces and its courtesies dropped; what is left decides.
 */
export type Meaning = 'STOP' | 'STOP_AND_INBOX' | 'START' | 'HELP' | 'BOOK' | 'INBOX';

const OPT_OUT_WORDS = [
  'stop',
  'quit',
  'end',
  'revoke',
  'opt out',
  'optout',
  'cancel',
  'unsubscribe',
  'alto',
  'parar',
  'baja',
  'cancelar',
];
const ONLY_OPT_OUT = new RegExp(`^(${OPT_OUT_WORDS.join('|')})( (${OPT_OUT_WORDS.join('|')}))*$`);
const INSIDE_WORDS = ['stop', 'unsubscribe', 'revoke', 'opt out', 'optout'];
const COURTESIES = ['please', 'por favor', 'thanks', 'gracias'];

/** Every meaning the text can have: two where it holds symbols that may or may not be punctuation. */
export function meaningsOf(text: string): Meaning[] {
  const narrow = meaningOf(text, /[\p{P}\s]+/gu);
  const wide = meaningOf(text, /[\p{P}\p{S}\p{M}\p{Cf}\s]+/gu);
  return narrow === wide ? [narrow] : [narrow, wide];
}

function meaningOf(text: string, separators: RegExp): Meaning {
  const spaced = ` ${text.normalize('NFC').toLowerCase().replace(separators, ' ').trim()} `;
  const rest = drop(spaced, COURTESIES);
  const words = rest.trim();
  if (ONLY_OPT_OUT.test(words)) return 'STOP';
  if (INSIDE_WORDS.some((word) => rest.includes(` ${word} `))) return 'STOP_AND_INBOX';
  if (['start', 'unstop'].includes(words)) return 'START';
  if (['help', 'info'].includes(words)) return 'HELP';
  if (['book', 'yes', '1'].includes(words)) return 'BOOK';
  return 'INBOX';
}

function drop(spaced: string, words: string[]): string {
  let text = spaced;
  for (const word of words) {
    while (text.includes(` ${word} `)) text = text.replace(` ${word} `, ' ');
  }
  return text;
}
