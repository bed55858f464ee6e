/**
 * Names that nobody has and no log says: built from syllables whose clusters (zv, kv, vz, zk ...) start or join no
 * English or Spanish word, so that a privacy scan can search everything a run left for each name as a word and find
 * only leaks. Letters A-Z only (GSM-7), first names of at most 12 letters.
 */
import { chance, pick, type LuckKey } from './random';

const FIRST_STARTS = ['Zv', 'Vr', 'Kv', 'Zh', 'Dv', 'Gv', 'Tzv', 'Yzr', 'Vl'] as const;
const FIRST_MIDDLES = ['l', 'r', 'n', 'm', 'rl', 'nd', 'lm', 'sk', 'v', 'd', 'zr', 'lv'] as const;
const FIRST_ENDS = ['nka', 'ra', 'lo', 'ko', 'nel', 'ska', 'rin', 'lla', 'vo', 'dith', 'mira', 'zen'] as const;
const LAST_STARTS = [
  'Zarv', 'Quovz', 'Brozk', 'Thyv', 'Vexl', 'Yolz', 'Jurzk', 'Ozkr', 'Ulvz', 'Klyv', 'Drazv', 'Morvz', 'Fenzk', 'Gryzl', 'Hovzd', 'Pelzk', 'Wozn', 'Skavz',
] as const; // prettier-ignore
const LAST_MIDDLES = ['n', 'r', 'l', 'd', 'm', 't', 'k', 'nd', 'rn', 'll'] as const;
const LAST_ENDS = ['ko', 'wyn', 'ski', 'eth', 'ova', 'ard', 'mont', 'ell', 'akis', 'uin'] as const;
const VOWELS = ['a', 'e', 'i', 'o', 'u'] as const;

export function firstName(key: LuckKey): string {
  return spell(key, 'first name', [FIRST_STARTS, VOWELS, FIRST_MIDDLES, VOWELS, FIRST_ENDS]);
}

export function lastName(key: LuckKey): string {
  return spell(key, 'last name', [LAST_STARTS, VOWELS, LAST_MIDDLES, LAST_ENDS]);
}

function spell(key: LuckKey, occasion: string, parts: readonly (readonly string[])[]): string {
  return parts.map((part, i) => pick(part, chance(key, occasion, i))).join('');
}
