/** What a reply means, as a table (formats.md, rule 13; the words of domain-rules.md). */
import { meaningOf } from '../../domain/replies';

const said = (text: string) => {
  const meaning = meaningOf(text);
  return meaning.kind === 'OPT_OUT' && meaning.alsoInbox ? 'OPT_OUT+INBOX' : meaning.kind;
};

describe('a reply', () => {
  const words = ['stop', 'quit', 'end', 'revoke', 'opt out', 'optout', 'opt-out', 'cancel', 'unsubscribe'];
  it.each([...words, 'alto', 'parar', 'baja', 'cancelar'])('%p alone opts out, in any case', (word) => {
    for (const text of [word, word.toUpperCase(), ` ${word} `, `${word}.`, `¡${word}!`, `${word} please`])
      expect([text, said(text)]).toEqual([text, 'OPT_OUT']);
  });

  it.each([
    ['Stop.', 'OPT_OUT'],
    ['STOP please', 'OPT_OUT'],
    ['please stop, thanks', 'OPT_OUT'],
    ['por favor baja', 'OPT_OUT'],
    ['Por favor: BAJA, gracias', 'OPT_OUT'],
    ['OPT OUT!', 'OPT_OUT'],
    ['Opt  out', 'OPT_OUT'],
    ['opt please out', 'OPT_OUT'],
    ['opt por favor out', 'OPT_OUT'],
    ['stop por favor', 'OPT_OUT'],
    ['por ahora no', 'OTHER'],
    ['stop stop STOP', 'OPT_OUT'],
    ['stop, cancel, unsubscribe', 'OPT_OUT'],
    ['STOP\n', 'OPT_OUT'],
    ['"stop"', 'OPT_OUT'],
    ['Stop texting me', 'OPT_OUT+INBOX'],
    ['I want to unsubscribe from this', 'OPT_OUT+INBOX'],
    ['I revoke my consent', 'OPT_OUT+INBOX'],
    ['can I opt out of texts?', 'OPT_OUT+INBOX'],
    ['let me opt-out now', 'OPT_OUT+INBOX'],
    ['optout me', 'OPT_OUT+INBOX'],
    ['please cancel my appointment', 'OTHER'],
    ['at the end of the month', 'OTHER'],
    ['can we end this', 'OTHER'],
    ['nonstop pain', 'OTHER'],
    ['stopped smoking', 'OTHER'],
    ['unstoppable', 'OTHER'],
    ['I want to opt in, out of interest', 'OTHER'],
    ['START', 'OPT_IN'],
    ['unstop', 'OPT_IN'],
    ['Start please', 'OPT_IN'],
    ['start again', 'OTHER'],
    ['HELP', 'HELP'],
    ['info?', 'HELP'],
    ['help me', 'OTHER'],
    ['BOOK', 'BOOK'],
    ['Yes!', 'BOOK'],
    ['yes please', 'BOOK'],
    ['1', 'BOOK'],
    ['1.', 'BOOK'],
    ['11', 'OTHER'],
    ['yes but not on monday', 'OTHER'],
    ['please', 'OTHER'],
    ['thanks', 'OTHER'],
    ['', 'OTHER'],
    ['👍', 'OTHER'],
    ['Who is this?', 'OTHER'],
    ['Sí', 'OTHER'],
  ])('%p is %s', (text, meaning) => {
    expect(said(text)).toBe(meaning);
  });
});
