import { BatchLogRecordProcessor, InMemoryLogRecordExporter, LoggerProvider } from '@opentelemetry/sdk-logs';
import { afterEach, expect, test } from 'vitest';
import { inferenceLogRecordProcessor } from './batch-export/index.ts';
import { setLoggerProvider } from './events.ts';
import { type BulkGroundTruth, recordGroundTruths } from './ground-truths.ts';

const model = { name: 'fraud' };
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  setLoggerProvider(undefined);
  delete process.env.LEEWAY_DISABLED;
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function listen(processor: ConstructorParameters<typeof LoggerProvider>[0]) {
  const provider = new LoggerProvider(processor);
  setLoggerProvider(provider as never);
  cleanups.push(() => provider.shutdown());
}

function* labels(count: number): Generator<BulkGroundTruth> {
  for (let i = 0; i < count; i++) yield { inferenceId: `id-${i}`, value: i };
}

async function* later(count: number): AsyncGenerator<BulkGroundTruth> {
  for (const label of labels(count)) yield label;
}

test.each([labels, later])(
  'with the stock processor, of which a burst keeps 2,560, all of 10,000 labels arrive',
  async (source) => {
    const exporter = new InMemoryLogRecordExporter();
    listen({ processors: [new BatchLogRecordProcessor({ exporter })] });
    const counts = await recordGroundTruths(source(10_000), { model });
    expect(counts).toMatchObject({ sent: 10_000, dropped: 0, invalid: 0 });
    const seen = exporter.getFinishedLogRecords();
    expect(seen).toHaveLength(10_000);
    expect(new Set(seen.map((record) => record.attributes['ml.inference.id'])).size).toBe(10_000);
  },
);

test('with the export queue, labels wait for room: a queue for 200 of them loses none of 10,000', async () => {
  const exporter = new InMemoryLogRecordExporter();
  listen({ processors: [inferenceLogRecordProcessor(exporter, undefined, { bytesMax: 200_000 })] });
  expect(await recordGroundTruths(labels(10_000), { model })).toMatchObject({ sent: 10_000, dropped: 0 });
  expect(exporter.getFinishedLogRecords()).toHaveLength(10_000);
});

test('what is no label is counted by reason and left out; what is said once holds for all', async () => {
  const exporter = new InMemoryLogRecordExporter();
  listen({ processors: [new BatchLogRecordProcessor({ exporter })] });
  const truths = [
    { inferenceId: 'a', label: 'ok' },
    { inferenceId: 'b', value: 2, row: 3, source: 'audit', model: { name: 'other', version: '2' } },
    { inferenceId: 'c', label: 1 },
    { inferenceId: 'd' },
    { inferenceId: 'e', value: Number.NaN },
    { inferenceId: 'f', value: Number.POSITIVE_INFINITY, label: 'ok' },
    { inferenceId: '', label: 'ok' },
    { label: 'ok' },
    { inferenceId: 'g', label: 'ok', row: -1 },
    { inferenceId: 'h', label: 'ok', model: { name: '' } },
    null,
    'text',
  ] as unknown as BulkGroundTruth[];
  const counts = await recordGroundTruths(truths, { model, source: 'chargebacks' });
  expect(counts).toEqual({
    sent: 3,
    dropped: 0,
    invalid: 9,
    faults: { no_row: 2, no_model: 1, no_inference_id: 2, no_truth: 1, not_finite: 2, bad_row: 1 },
  });
  expect(exporter.getFinishedLogRecords().map(({ attributes }) => attributes)).toEqual([
    {
      'ml.model.name': 'fraud',
      'ml.inference.id': 'a',
      'ml.ground_truth.label': 'ok',
      'ml.ground_truth.source': 'chargebacks',
    },
    {
      'ml.model.name': 'other',
      'ml.model.version': '2',
      'ml.inference.id': 'b',
      'ml.inference.row': 3,
      'ml.ground_truth.value': 2,
      'ml.ground_truth.source': 'audit',
    },
    {
      'ml.model.name': 'fraud',
      'ml.inference.id': 'c',
      'ml.ground_truth.label': '1',
      'ml.ground_truth.source': 'chargebacks',
    },
  ]);
});

test('without an SDK, or switched off, labels are counted as dropped', async () => {
  expect(await recordGroundTruths(labels(3), { model })).toMatchObject({ sent: 0, dropped: 3 });
  const exporter = new InMemoryLogRecordExporter();
  listen({ processors: [new BatchLogRecordProcessor({ exporter })] });
  process.env.LEEWAY_DISABLED = 'true';
  expect(await recordGroundTruths(labels(3), { model })).toMatchObject({ sent: 0, dropped: 3 });
  expect(exporter.getFinishedLogRecords()).toEqual([]);
});

test('what the queue loses is not called sent', async () => {
  const refusing = {
    export: (_: unknown, done: (result: { code: number; error: Error }) => void) =>
      done({ code: 1, error: Object.assign(new Error('no'), { code: 400 }) }),
    shutdown: async () => undefined,
  };
  listen({ processors: [inferenceLogRecordProcessor(refusing)] });
  expect(await recordGroundTruths(labels(1_500), { model })).toMatchObject({ sent: 0, dropped: 1_500 });
});

test('an error of the source is the caller’s', async () => {
  const failure = new Error('query failed');
  const broken = (function* () {
    yield { inferenceId: 'a', label: 'ok' };
    throw failure;
  })();
  await expect(recordGroundTruths(broken, { model })).rejects.toBe(failure);
});
