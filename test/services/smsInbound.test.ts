/** What comes in of texts: signatures of the webhook, and CloudEvents of Communication Services. */
import { checkSignature, signedHeaders, TOLERANCE_MS } from '../../services/sms/signature';
import { inputsOfCloudEvents } from '../../services/sms/cloudEvents';

const NOW_MS = Date.parse('2026-01-05T15:00:00Z');
const SECRET = 's'.repeat(32);
const BODY = '{"type":"sms.reply"}';

describe('a signature', () => {
  const signed = (atMs = NOW_MS, secret = SECRET) => {
    const headers = signedHeaders(secret, BODY, atMs);
    return { timestamp: headers['x-timestamp'], signature: headers['x-signature'], body: BODY };
  };

  it('is HMAC-SHA256 over the timestamp, a dot and the body', () => {
    // printf '1767625200.{"type":"sms.reply"}' | openssl dgst -sha256 -hmac ssssssssssssssssssssssssssssssss
    expect(signed()).toMatchObject({
      timestamp: '1767625200',
      signature: 'e200289a3a5d33d6983478acf1c9d3d769ab3c7a0e2b10bd390a953dcd49f7a0',
    });
  });

  it.each([0, TOLERANCE_MS, -TOLERANCE_MS])('holds %d ms later', (lateMs) => {
    expect(() => checkSignature(signed(), [SECRET], NOW_MS + lateMs)).not.toThrow();
  });

  it.each([TOLERANCE_MS + 1000, -TOLERANCE_MS - 1000])('is old %d ms later', (lateMs) => {
    expect(() => checkSignature(signed(), [SECRET], NOW_MS + lateMs)).toThrow(
      expect.objectContaining({ code: 'OLD_TIMESTAMP', retriable: false }),
    );
  });

  it('holds with any of two secrets and with a prefix', () => {
    const request = signed();
    expect(() => checkSignature(request, ['t'.repeat(32), SECRET], NOW_MS)).not.toThrow();
    expect(() =>
      checkSignature({ ...request, signature: `sha256=${request.signature}` }, [SECRET], NOW_MS),
    ).not.toThrow();
  });

  it.each([
    ['another body', { body: `${BODY} ` }],
    ['another time', { timestamp: String(NOW_MS / 1000 + 1) }],
    ['another secret', signed(NOW_MS, 'x'.repeat(32))],
    ['no signature', { signature: null }],
    ['half a signature', { signature: 'abcd' }],
    ['no time', { timestamp: undefined }],
    ['words for a time', { timestamp: 'now' }],
  ])('is bad with %s', (_, change) => {
    const check = () => checkSignature({ ...signed(), ...change }, [SECRET], NOW_MS);
    expect(check).toThrow(expect.objectContaining({ code: 'BAD_SIGNATURE', retriable: false }));
    expect(check).not.toThrow(new RegExp(SECRET));
  });

  it('that is both bad and old is bad: a stranger learns nothing of our clock', () => {
    const request = { ...signed(0), signature: 'a'.repeat(64) };
    expect(() => checkSignature(request, [SECRET], NOW_MS)).toThrow(expect.objectContaining({ code: 'BAD_SIGNATURE' }));
  });
});

describe('CloudEvents', () => {
  const event = (type: string, data: object) => ({
    specversion: '1.0',
    id: 'e1',
    type: `Microsoft.Communication.${type}`,
    source: '/subscriptions/s/resourceGroups/g/providers/microsoft.communication/communicationservices/c',
    subject: '/phonenumber/18335550100',
    time: '2026-01-05T15:00:01Z',
    data,
  });
  const received = {
    messageId: 'Incoming_20260105150000d29ebbea-3341-4466-9690-0a03af35228e',
    from: '13125550111',
    to: '18335550100',
    message: 'STOP please',
    receivedTimestamp: '2026-01-05T15:00:00.1234567Z',
  };
  const report = {
    messageId: 'Outgoing_1',
    from: '18335550100',
    to: '+13125550111',
    deliveryStatus: 'Delivered',
    deliveryStatusDetails: 'No error.',
    deliveryAttempts: [{ timestamp: '2026-01-05T15:00:00Z', segmentsSucceeded: 1, segmentsFailed: 0 }],
    receivedTimestamp: '2026-01-05T15:00:00+00:00',
    tag: '0123456789abcdef0123456789abcdef',
  };
  const reportOf = (change: object) =>
    inputsOfCloudEvents(event('SMSDeliveryReportReceived', { ...report, ...change }));

  it('of a text that came in are a reply', () => {
    expect(inputsOfCloudEvents(event('SMSReceived', received))).toEqual({
      inputs: [
        {
          type: 'sms.reply',
          at: '2026-01-05T15:00:00.123Z',
          from: '+13125550111',
          text: 'STOP please',
          replyId: 'Incoming-20260105150000d29ebbea-3341-4466-9690-0a03af35228e',
        },
      ],
      problems: [],
      ignored: 0,
    });
  });

  it('give a reply the same id each time, however odd the id of the service', () => {
    const odd = () => inputsOfCloudEvents(event('SMSReceived', { ...received, messageId: 'x/y'.repeat(40) })).inputs[0];
    expect(odd()).toEqual(odd());
    expect(odd()).toMatchObject({ replyId: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('of a delivered text are a receipt for the id in its tag', () => {
    expect(reportOf({}).inputs).toEqual([
      { type: 'sms.receipt', at: '2026-01-05T15:00:00+00:00', messageId: report.tag, status: 'DELIVERED' },
    ]);
  });

  it.each([
    ['ErrorCode: 4002. ErrorMessage: Invalid destination', 'UNKNOWN_NUMBER'],
    ['4003', 'LANDLINE'],
    ['ErrorCode: 4004. ErrorMessage: none', 'UNKNOWN_NUMBER'],
    ['ErrorCode: 4005. ErrorMessage: Message blocked by Destination carrier', 'OTHER'],
    ['ErrorCode: 4006. ErrorMessage: not reachable', 'OTHER'],
    ['ErrorCode: 4007. ErrorMessage: opted out', 'BLOCKED'],
    ['ErrorCode: 5000. ErrorMessage: failed', 'OTHER'],
    ['The number is a landline.', 'LANDLINE'],
    ['The recipient has opted out.', 'BLOCKED'],
    ["Destination number doesn't exist", 'UNKNOWN_NUMBER'],
    ['', 'OTHER'],
    [null, 'OTHER'],
  ])('of a text that failed with %j say %s', (deliveryStatusDetails, code) => {
    expect(reportOf({ deliveryStatus: 'Failed', deliveryStatusDetails }).inputs).toMatchObject([
      { status: 'UNDELIVERED', code },
    ]);
  });

  it('say nothing when the carrier gives no reports, nor when they are of other things', () => {
    const silent = reportOf({
      deliveryStatus: 'Failed',
      deliveryStatusDetails: 'ErrorCode: 5002. ErrorMessage: Timeout',
    });
    expect(silent).toEqual({ inputs: [], problems: [], ignored: 1 });
    expect(inputsOfCloudEvents(event('ChatMessageReceived', {}))).toEqual({ inputs: [], problems: [], ignored: 1 });
  });

  it('take the sound ones of many and name what is wrong with the others, without quoting a person', () => {
    const { inputs, problems } = inputsOfCloudEvents([
      event('SMSReceived', received),
      event('SMSReceived', { ...received, from: 'Ana 5550111', message: 7 }),
      event('SMSReceived', { ...received, from: 'Ana 5550111' }),
      event('SMSDeliveryReportReceived', { ...report, tag: undefined }),
      event('SMSDeliveryReportReceived', { ...report, tag: 'mine', deliveryStatus: 'Perhaps' }),
      event('SMSDeliveryReportReceived', { ...report, tag: 'not mine' }),
      { ...event('SMSReceived', received), specversion: '0.3' },
      'hello',
    ]);
    expect(inputs).toHaveLength(1);
    expect(problems.map(({ field }) => field)).toEqual([
      'event 2: data: message',
      'event 3: from',
      'event 4: data.tag',
      'event 5: data: deliveryStatus',
      'event 6: messageId',
      'event 7: specversion',
      'event 8',
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/Ana|5550111|STOP/);
  });
});
