/**
 * What a patient's reply means (formats.md, rule 13; words from domain-rules.md: the union of the FCC's list and the
 * carriers', with our Spanish ones). Exact equality is the classic defect: "Stop." and "STOP please" must opt out.
 */
export type ReplyMeaning =
  | { readonly kind: 'OPT_OUT'; /** A sentence around it needs a person too. */ readonly alsoInbox: boolean }
  | { readonly kind: 'OPT_IN' }
  | { readonly kind: 'HELP' }
  | { readonly kind: 'BOOK' }
  | { readonly kind: 'OTHER' };

const POLITE = new Set(['please', 'thanks', 'gracias']);
const OPT_OUT_WORDS = new Set([
  'stop',
  'quit',
  'end',
  'revoke',
  'optout',
  'cancel',
  'unsubscribe',
  'alto',
  'parar',
  'baja',
  'cancelar',
]);
/** Enough to opt out anywhere in a longer text; the other words are too common in ordinary sentences. */
const OPT_OUT_INSIDE = new Set(['stop', 'unsubscribe', 'revoke', 'optout']);
const OPT_IN_WORDS = new Set(['start', 'unstop']);
const HELP_WORDS = new Set(['help', 'info']);
const BOOK_WORDS = new Set(['book', 'yes', '1']);

export function meaningOf(text: string): ReplyMeaning {
  const words = wordsOf(text);
  if (words.length > 0 && words.every((word) => OPT_OUT_WORDS.has(word))) return { kind: 'OPT_OUT', alsoInbox: false };
  if (words.some((word) => OPT_OUT_INSIDE.has(word))) return { kind: 'OPT_OUT', alsoInbox: true };
  const only = words.length === 1 ? words[0]! : '';
  if (OPT_IN_WORDS.has(only)) return { kind: 'OPT_IN' };
  if (HELP_WORDS.has(only)) return { kind: 'HELP' };
  if (BOOK_WORDS.has(only)) return { kind: 'BOOK' };
  return { kind: 'OTHER' };
}

/** Case-folded words without punctuation, symbols and politeness; then "opt out" counts as the one word "optout". */
function wordsOf(text: string): string[] {
  const words = text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Mn}\p{Me}]/gu, '')
    .toLowerCase()
    .replace(/[\p{P}\p{S}\p{Cc}\p{Z}]+/gu, ' ')
    .split(' ')
    .filter((word) => word !== '' && !POLITE.has(word));
  return asOne(asOne(words, 'por', 'favor', []), 'opt', 'out', ['optout']);
}

/** `words` with each pair `first`, `second` replaced. */
function asOne(words: readonly string[], first: string, second: string, by: readonly string[]): string[] {
  const pairAt = (i: number) => words[i] === first && words[i + 1] === second;
  return words.flatMap((word, i) => (pairAt(i) ? by : pairAt(i - 1) ? [] : [word]));
}
