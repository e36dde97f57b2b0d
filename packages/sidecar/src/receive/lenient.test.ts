/** docs/decisions/0009: what is odd costs itself, never its neighbours. */
import { expect, test } from 'vitest';
import { createDecoder } from './decode.ts';

const FEATURE = '"attributes":[{"key":"ml.features.x","value":{"doubleValue":1}}]';
const decode = (...spans: string[]) => {
  const decoder = createDecoder({ isObservationKey: (key) => key.startsWith('ml.features.') });
  const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans.map((span) => `{${span}}`).join()}]}]}]}`;
  const body = new Uint8Array(new TextEncoder().encode(text));
  return decoder.decode({ signal: 'traces', encoding: 'json', compression: 'identity', body });
};

test.each([
  '"traceId":"zz"',
  '"traceId":"5b8efff798038103d269b633813fc60"',
  '"traceId":"W47/95gDgQPSabYzgT/GDA=="',
  '"spanId":"not hex, but 16 l"',
  '"spanId":null',
])('an id that is none counts as absent, and its row and its neighbour count: %s', (id) => {
  const good = '"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"';
  const decoded = decode(`${id},${FEATURE}`, `${good},${FEATURE}`);
  if (!decoded.ok) throw new Error(decoded.message);
  expect([decoded.view.itemCount, decoded.view.observationCount]).toEqual([2, 2]);
  expect([...decoded.view.itemIds.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  expect([...decoded.view.itemIds.subarray(6, 12)]).toEqual([
    0x5b8efff7, 0x98038103, 0xd269b633, 0x813fc60c, 0xeee19b7e, 0xc3c1b174,
  ]);
});

test.each([
  '"kind":"SPAN_KIND_SERVER"',
  '"status":{"code":"STATUS_CODE_OK"}',
  '"start_time_unix_nano":"x"',
  '"future":[{}]',
])('a field that is not read is passed over: %s', (field) => {
  const decoded = decode(`${field},${FEATURE}`);
  expect(decoded.ok && decoded.view.observationCount).toBe(1);
});

test.each(['"kind":SPAN_KIND_SERVER', '"traceId":"\\ud83"', '"future":[{]'])(
  'JSON that is unsound is refused whole: %s',
  (field) => {
    expect(decode(`${field},${FEATURE}`)).toMatchObject({ ok: false, kind: 'undecodable' });
  },
);
