/** Features by their place are a faster way to say what columns say: everything that leaves is the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CaptureOptions, capturePolicy, type InferenceInput, InferenceRecorder } from '../src/index.ts';
import { withTelemetry } from './telemetry.ts';

const NAMES = ['a', 'b', 'c', 'a'];
const anyValue = fc.oneof(fc.double(), fc.constantFrom(null, undefined, '', 'text', 7n, true, Number.NaN, [1], {}));
const anyRows = fc.array(fc.array(anyValue, { minLength: NAMES.length, maxLength: NAMES.length }), { maxLength: 4 });
const anyCapture = fc.record<CaptureOptions>({
  features: fc.constantFrom<NonNullable<CaptureOptions['features']>[]>(
    '*',
    ['a', 'c'],
    { '*': { bucket: [0, 1] }, b: 'drop' },
    [],
  ),
  carrier: fc.constantFrom('span', 'event', 'packed'),
  rowsMax: fc.constantFrom(2, 100),
});

function left(rows: readonly (readonly unknown[])[], capture: CaptureOptions, input: Partial<InferenceInput>) {
  const { spans, logs } = telemetry;
  spans.reset();
  logs.reset();
  const policy = capturePolicy(capture, {}, () => undefined);
  const recorder = new InferenceRecorder({ name: 'm' }, policy, { random: () => 0.5, elapsedMs: () => 0 });
  // Twice: the second call finds what the first has kept.
  for (const inferenceId of ['one', 'two'])
    recorder.start({ rowCount: rows.length, features: [], inferenceId, ...input }).end();
  return [...spans.getFinishedSpans(), ...logs.getFinishedLogRecords()].map(({ attributes }) => attributes);
}

let telemetry: ReturnType<typeof withTelemetry>;

test('whatever the values, the policy and the carrier: a table leaves what its columns leave', () => {
  telemetry = withTelemetry();
  fc.assert(
    fc.property(anyRows, anyCapture, (rows, capture) => {
      const features = NAMES.map((name, column) => ({ name, at: (row: number) => rows[row][column] }));
      const table = { names: NAMES, at: (row: number, column: number) => rows[row][column] };
      expect(left(rows, capture, { table })).toEqual(left(rows, capture, { features }));
    }),
  );
});
