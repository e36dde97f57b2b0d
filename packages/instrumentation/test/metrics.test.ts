import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { instruments, monitor, setMeterProvider } from '../src/index.ts';
import { withTelemetry } from './telemetry.ts';

const model = { name: 'fraud', version: '7' };

class ManualReader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** Values of a metric by its last collection. */
async function values(reader: MetricReader, name: string): Promise<unknown[]> {
  const { resourceMetrics } = await reader.collect();
  const metric = resourceMetrics.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .find(({ descriptor }) => descriptor.name === name);
  return metric?.dataPoints.map(({ value }) => value) ?? [];
}

test('what is under way is observed while it is, and none when it is over', async () => {
  const { points } = withTelemetry();
  const fraud = monitor({ model });
  let finish = () => {};
  const pending = fraud.predict({}, () => new Promise<void>((resolve) => (finish = resolve)));
  expect((await points('ml.inference.active'))[0].value).toBe(1);
  finish();
  await pending;
  expect((await points('ml.inference.active'))[0].value).toBe(0);
});

test('counters are cumulative or delta as the reader asks, and two monitors of one model add up', async () => {
  const cumulative = new ManualReader();
  const delta = new ManualReader({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  const meters = new MeterProvider({ readers: [cumulative, delta] });
  setMeterProvider(meters);
  try {
    const [one, two] = [monitor({ model }), monitor({ model })];
    one.batch([{}, {}], () => [1, 2]);
    two.predict({}, () => 1);
    expect(await values(cumulative, 'ml.inference.rows')).toEqual([3]);
    expect(await values(delta, 'ml.inference.rows')).toEqual([3]);
    one.predict({}, () => 1);
    expect(await values(cumulative, 'ml.inference.rows')).toEqual([4]);
    expect(await values(delta, 'ml.inference.rows')).toEqual([1]);
  } finally {
    setMeterProvider(undefined);
    await meters.shutdown();
  }
});

test('a provider that is set later is followed, and a former one that comes back is not counted twice', async () => {
  const [first, second] = [new ManualReader(), new ManualReader()];
  const [a, b] = [new MeterProvider({ readers: [first] }), new MeterProvider({ readers: [second] })];
  const fraud = monitor({ model });
  fraud.predict({}, () => 1);
  for (const provider of [a, b, a]) {
    setMeterProvider(provider);
    fraud.predict({}, () => 1);
  }
  setMeterProvider(undefined);
  expect(await values(first, 'ml.inference.rows')).toEqual([2]);
  expect(await values(second, 'ml.inference.rows')).toEqual([1]);
  await Promise.all([a.shutdown(), b.shutdown()]);
});

test('batch sizes are of batches: single rows are what the duration counts beyond them', async () => {
  const { points } = withTelemetry();
  const fraud = monitor({ model });
  for (let i = 0; i < 3; i++) fraud.predict({}, () => 1);
  fraud.batch([{}, {}, {}, {}], () => [1, 2, 3, 4]);
  expect((await points('ml.inference.batch.size'))[0].value).toMatchObject({ count: 1, sum: 4 });
  expect((await points('ml.inference.duration'))[0].value).toMatchObject({ count: 4 });
});

test('errors: by class in the duration, of a bounded number of classes', async () => {
  const { points } = withTelemetry();
  const fraud = monitor({ model });
  for (let i = 0; i < 30; i++) {
    const Failure = { [`E${i}`]: class extends Error {} }[`E${i}`];
    expect(() =>
      fraud.predict({}, () => {
        throw new Failure('no');
      }),
    ).toThrow(Failure);
  }
  const types = (await points('ml.inference.duration')).map(({ attributes }) => attributes['error.type']);
  expect(types).toHaveLength(21);
  expect(types).toContain('_OTHER');
});

test('labels: without declared classes only where predictions may leave, and then at most 50', async () => {
  const { points } = withTelemetry();
  monitor({ model: { name: 'silent' } }).predict({}, () => ({ label: 'secret' }));
  const open = monitor({ model: { name: 'open' }, capture: { predictions: true } });
  for (let i = 0; i < 60; i++) open.predict({}, () => ({ label: `label ${i}` }));
  const counted = await points('ml.predictions');
  expect(new Set(counted.map(({ attributes }) => attributes['ml.model.name']))).toEqual(new Set(['open']));
  expect(counted).toHaveLength(51);
  expect(counted.find(({ attributes }) => attributes['ml.prediction.label'] === 'other')?.value).toBe(10);
});

test('a counter has at most 1,900 series; those beyond are one that says so', async () => {
  const { points } = withTelemetry();
  for (let i = 0; i < 2_100; i++) instruments().skipped.add(1, { i });
  const counted = await points('ml.capture.skipped');
  expect(counted).toHaveLength(1_901);
  expect(counted.find(({ attributes }) => attributes['otel.metric.overflow'] === true)?.value).toBe(200);
});

test('no duration is lost in a buffer: each collection has all of them, for every reader', async () => {
  const [one, two] = [new ManualReader(), new ManualReader()];
  const meters = new MeterProvider({ readers: [one, two] });
  setMeterProvider(meters);
  try {
    const fraud = monitor({ model });
    for (const more of [1, 63, 1, 200]) {
      for (let i = 0; i < more; i++) fraud.predict({}, () => 1);
      const [[first], [second]] = [
        await values(one, 'ml.inference.duration'),
        await values(two, 'ml.inference.duration'),
      ];
      const rows = await values(one, 'ml.inference.rows');
      expect([first, second]).toMatchObject([{ count: rows[0] }, { count: rows[0] }]);
    }
    expect(await values(one, 'ml.inference.rows')).toEqual([265]);
  } finally {
    setMeterProvider(undefined);
    await meters.shutdown();
  }
});

test('regression: sentences that a model wrote became values of a label', async () => {
  const { points } = withTelemetry();
  const writer = monitor({ model, capture: { predictions: true } });
  for (const text of ['late', 'not on time', 'Dear Mr Smith, your claim was refused', 'x'.repeat(33)])
    writer.predict({}, () => text);
  const counted = await points('ml.predictions');
  expect(counted.map(({ attributes, value }) => [attributes['ml.prediction.label'], value])).toEqual([
    ['late', 1],
    ['not on time', 1],
    ['other', 2],
  ]);
});
