/**
 * What patients write: opt-out words alone, with a full stop, with "please", inside a sentence, in two languages; HELP,
 * START and BOOK likewise; and free text for a person's inbox. No names, no health: the words stand for the shapes that
 * formats.md rule 13 tells apart. Unknown to the product: it reads only the words.
 */
import type { Person } from './people';
import { chance, pick } from './random';

export type ReplyMeaning = 'STOP' | 'HELP' | 'START' | 'BOOK' | 'OTHER';

const WORDS: Readonly<Record<ReplyMeaning, Readonly<Record<'en' | 'es', readonly string[]>>>> = {
  STOP: {
    en: [
      'STOP',
      'Stop.',
      'stop',
      'STOP please',
      'Unsubscribe',
      'QUIT',
      'end',
      'opt-out',
      'Please stop texting me',
      ' STOP STOP ',
      'cancel',
    ],
    es: ['STOP', 'alto', 'Alto por favor', 'PARAR', 'baja', 'cancelar.', 'por favor stop, ya no quiero mensajes'],
  },
  HELP: { en: ['HELP', 'help', 'Info?', 'Help please'], es: ['HELP', 'INFO', 'help por favor'] },
  START: { en: ['START', 'start', 'UNSTOP'], es: ['START', 'UNSTOP'] },
  BOOK: { en: ['BOOK', 'book', 'Yes', 'YES please', '1', 'Book, thanks!'], es: ['BOOK', '1', 'book por favor', 'yes'] },
  OTHER: {
    en: [
      'Who is this?',
      'I will call next week',
      'Is there parking?',
      'Wrong number',
      'ok thx 👍',
      'Not this month, sorry',
      'Do you have evenings, or Saturdays?\nI work days',
    ],
    es: ['Gracias, llamo mañana', '¿Quién es?', 'Sí', 'No puedo esta semana', 'Número equivocado'],
  },
};

/** The text of `person`'s `n`-th reply of all. */
export function replyText(person: Person, meaning: ReplyMeaning, n: number): string {
  return pick(WORDS[meaning][person.language], chance(person.luck, 'words', n));
}
