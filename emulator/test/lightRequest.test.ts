/** The stand-in for a fetch Request behaves as one where handlers can see it. */
import { LightRequest } from '../http/lightRequest';

const light = (body: Buffer | string | null = '{"a":1}', method = 'POST') =>
  new LightRequest('http://h/x', method, { 'content-type': 'application/json', 'x-y': 'z' }, body);

test.each([
  ['text', '{"a":1}'],
  ['json', { a: 1 }],
] as const)('%s reads the body once', async (reader, expected) => {
  const request = light();
  expect(request.bodyUsed).toBe(false);
  expect(await request[reader]()).toEqual(expected);
  expect(request.bodyUsed).toBe(true);
  await expect(request[reader]()).rejects.toThrow('Body is unusable');
});

test('bytes come as an ArrayBuffer of their own', async () => {
  const bytes = await light(Buffer.from([1, 2, 255])).arrayBuffer();
  expect([...new Uint8Array(bytes)]).toEqual([1, 2, 255]);
  expect(await light('\ufeffx').text()).toBe('x');
});

test('no body reads as empty, as often as wanted', async () => {
  const request = light(null, 'GET');
  expect([await request.text(), await request.text(), request.body, request.bodyUsed]).toEqual(['', '', null, false]);
  await expect(request.json()).rejects.toThrow(SyntaxError);
});

test('headers are case-blind, clones independent, rare members work through the real thing', async () => {
  const request = light();
  expect(request.headers.get('X-Y')).toBe('z');
  const copy = request.clone();
  expect([await request.text(), await copy.text()]).toEqual(['{"a":1}', '{"a":1}']);
  expect(() => request.clone()).toThrow(TypeError);
  expect(await (await light().blob()).text()).toBe('{"a":1}');
  const streamed = light();
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamed.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('{"a":1}');
  expect(streamed.bodyUsed).toBe(true);
});
