import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import type { MetricFamily } from './metric-family.ts';
import { LeewayMetricProducer } from './metric-producer.ts';

function producerOf(families: () => MetricFamily[], delta = false, isTaken = () => true) {
  let nowMs = 1_000;
  const producer = new LeewayMetricProducer({
    sources: [{ startMs: 500, collect: families }],
    now: () => nowMs,
    version: 'test',
    isSettledByOwner: true,
    ...(delta ? { temporality: () => AggregationTemporality.DELTA } : {}),
  });
  return {
    producer,
    collect: async (atMs: number) => {
      nowMs = atMs;
      const { resourceMetrics } = await producer.collect();
      producer.settle(resourceMetrics.scopeMetrics, isTaken());
      return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    },
  };
}

const counter = (value: number): MetricFamily => ({
  name: 'ml.feature.observations',
  points: [{ attributes: { 'ml.feature.name': 'distance' }, value }],
});

test('a counter is a monotonic cumulative sum from the start of its source', async () => {
  const { collect } = producerOf(() => [counter(7)]);
  const [metric] = await collect(1_500);
  expect(metric).toMatchObject({
    descriptor: { name: 'ml.feature.observations', unit: '{value}' },
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  });
  expect(metric.dataPoints[0]).toEqual({
    startTime: [0, 500_000_000],
    endTime: [1, 500_000_000],
    attributes: { 'ml.feature.name': 'distance' },
    value: 7,
  });
});

test('with delta temporality each collection says what was added, and starts where the last ended', async () => {
  let value = 7;
  const { collect } = producerOf(() => [counter(value)], true);
  expect((await collect(1_000))[0].dataPoints[0].value).toBe(7);
  value = 10;
  const [second] = await collect(2_000);
  expect(second.dataPoints[0]).toMatchObject({ value: 3, startTime: [1, 0], endTime: [2, 0] });
  value = 4; // the series began again
  expect((await collect(3_000))[0].dataPoints[0].value).toBe(4);
});

test('a gauge keeps its value under delta temporality', async () => {
  const { collect } = producerOf(() => [{ name: 'ml.drift.score', points: [{ attributes: {}, value: 0.2 }] }], true);
  await collect(1_000);
  expect((await collect(2_000))[0].dataPoints[0].value).toBe(0.2);
});

test('a point that is not finite is left out and counted, its neighbours stay', async () => {
  const points = [Number.NaN, 1, Number.POSITIVE_INFINITY].map((value, i) => ({
    attributes: { 'ml.bin': `${i}` },
    value,
  }));
  const { producer, collect } = producerOf(() => [{ name: 'ml.drift.score', points }]);
  const [metric] = await collect(1_000);
  expect(metric.dataPoints.map((point) => point.value)).toEqual([1]);
  expect(producer.counts).toEqual({ exported: 1, failed: 0, notFinite: 2 });
});

test('histograms: counts and sum, cumulative and delta', async () => {
  let counts = [1, 2, 0];
  const family = (): MetricFamily[] => [
    {
      name: 'ml.monitor.evaluation.duration',
      histograms: [{ attributes: {}, bounds: [0.1, 1], counts, sum: counts[0] + counts[1] }],
    },
  ];
  const { collect } = producerOf(family, true);
  await collect(1_000);
  counts = [1, 5, 1];
  expect((await collect(2_000))[0].dataPoints[0].value).toEqual({
    buckets: { boundaries: [0.1, 1], counts: [0, 3, 1] },
    sum: 3,
    count: 4,
  });
});

test('regression: a refused export loses no delta; its points count as failed, and the next starts where it did', async () => {
  let value = 30;
  let isTaken = true;
  const { producer, collect } = producerOf(
    () => [counter(value)],
    true,
    () => isTaken,
  );
  await collect(1_000);
  isTaken = false;
  value = 50;
  expect((await collect(2_000))[0].dataPoints[0].value).toBe(20);
  isTaken = true;
  value = 100;
  const [after] = await collect(3_000);
  expect(after.dataPoints[0]).toMatchObject({ value: 70, startTime: [1, 0], endTime: [3, 0] });
  expect(producer.counts).toEqual({ exported: 2, failed: 1, notFinite: 0 });
});

test('with somebody else’s reader, who says nothing, what was handed over counts as taken', async () => {
  let value = 7;
  const producer = new LeewayMetricProducer({
    sources: [{ startMs: 500, collect: () => [counter(value)] }],
    now: () => 1_000,
    version: 'test',
    temporality: () => AggregationTemporality.DELTA,
  });
  const collected = async () =>
    (await producer.collect()).resourceMetrics.scopeMetrics[0].metrics[0].dataPoints[0].value;
  expect(await collected()).toBe(7);
  value = 9;
  expect(await collected()).toBe(2);
  expect(producer.counts).toEqual({ exported: 2, failed: 0, notFinite: 0 });
});
