/** Text that is no JSON: what the real host's reader still takes, and its words for the rest. */
import { JsonReaderError, readJson } from '../core/newtonsoft';

test.each([
  // recorded on a real host
  ['{bad', "Unexpected end while parsing unquoted property name. Path '', line 1, position 4."],
  ['', "Error reading JToken from JsonReader. Path '', line 0, position 0."],
  // by the rules of Newtonsoft.Json
  ['bad', "Unexpected character encountered while parsing value: b. Path '', line 0, position 0."],
  ['{bad}', "Invalid JavaScript property identifier character: }. Path '', line 1, position 4."],
  ['{"a":1', "Unexpected end of content while loading JObject. Path 'a', line 1, position 6."],
  ['[1, 2', "Unexpected end of content while loading JArray. Path '[1]', line 1, position 5."],
  ['{"a" 1}', "Invalid character after parsing property name. Expected ':' but got: 1. Path '', line 1, position 5."],
  ['"abc', "Unterminated string. Expected delimiter: \". Path '', line 1, position 4."],
  ['tru', "Unexpected end when reading JSON. Path '', line 1, position 3."],
  ['nope', "Unexpected character encountered while parsing value: n. Path '', line 0, position 0."],
  ['{"a":1 "b":2}', "After parsing a value an unexpected character was encountered: \". Path 'a', line 1, position 7."],
  ['{"a":{"b":[x]}}', "Unexpected character encountered while parsing value: x. Path 'a.b[0]', line 1, position 11."],
  ['{\n"a": "\\x"}', "Bad JSON escape sequence: \\x. Path 'a', line 2, position 8."],
])('%j is refused: %s', (text, message) => {
  let problem: unknown = null;
  try {
    readJson(text);
  } catch (error) {
    problem = error;
  }
  expect(problem).toBeInstanceOf(JsonReaderError);
  expect((problem as Error).message).toBe(message);
});

test.each([
  ["{'a': 'b'}", '{"a":"b"}'],
  ['{a: 1, /* why */ b: [2,]}', '{"a":1,"b":[2]}'],
  ['5 and more', '5'],
  ['0x1F', '31'],
  ['// before\n{"a":1}', '{"a":1}'],
])('%j is taken as %s', (text, json) => expect(readJson(text)).toBe(json));

test('valid JSON comes back to the letter', () => {
  for (const text of ['{ "a" : 1.50 }', '  "x"', '[1e5]']) expect(readJson(text)).toBe(text);
});
