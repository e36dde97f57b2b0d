/** The monitor as a service has it: real providers, readers and exporters, and a clock of the test's own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { STATUS } from '@leeway/engine';
import { METRICS } from '@leeway/semconv';
import { TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { referenceOf, rowsOf, total } from '../../sidecar/test/scoring.ts';
import { Service } from '../test/traffic.ts';
import { createLeeway, type Leeway } from './leeway.ts';
import type { LeewayOptions } from './options.ts';
import type { FinishedSpan } from './telemetry.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
const reference = referenceOf(rowsOf(5_000, 1));
const window = { length: '3m', pane: '1m', lateness: '10s', skew: '1h' };

function start(options: LeewayOptions = {}) {
  const clock = { nowMs: START_MS };
  const ticks: (() => void)[] = [];
  const leeway = createLeeway({
    reference: { profile: reference, version: '1' },
    window,
    now: () => clock.nowMs,
    every: (run) => {
      ticks.push(run);
      return () => void ticks.splice(ticks.indexOf(run), 1);
    },
    ...options,
  });
  return { leeway, clock, ticks };
}

/** One prediction a row. */
function predict(leeway: Leeway, count: number, timeMs: number, { seed = 1, shift = 0 } = {}): void {
  const service = new Service('production');
  for (const { amount, country, score } of rowsOf(count, seed, shift)) {
    service.span(
      {
        'ml.model.name': 'risk',
        'ml.model.version': '1',
        'ml.features.amount': amount as number,
        'ml.features.country': country,
        'ml.prediction.score': score,
      },
      timeMs,
    );
  }
  for (const span of service.take().spans) leeway.spanProcessor.onEnd(span);
}

const seriesOf = (text: string) =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
const metrics = async (leeway: Leeway) => seriesOf(await leeway.metricsText());

/** Points of a metric by their attributes as JSON. */
function pointsOf(exporter: InMemoryMetricExporter, name: string): Map<string, unknown> {
  const last = exporter.getMetrics().at(-1);
  const found = last?.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .filter(({ descriptor }) => descriptor.name === name);
  const points = (found ?? []).flatMap(({ dataPoints }) => dataPoints as { attributes: object; value: unknown }[]);
  return new Map(points.map(({ attributes, value }) => [JSON.stringify(Object.entries(attributes).sort()), value]));
}

function meterOf(exporter: InMemoryMetricExporter, leeway?: Leeway): MeterProvider {
  const metricProducers = leeway === undefined ? [] : [leeway.metricProducer()];
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000, metricProducers });
  return new MeterProvider({ readers: [reader] });
}

test('a shift is seen, exported by the application’s reader, and told to the callback', async () => {
  const judged: number[] = [];
  const { leeway, clock } = start({
    onEvaluation: ({ evaluation }) => judged.push(evaluation.signals.data_drift.status),
  });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meters = meterOf(exporter, leeway);
  for (let minute = 0; minute < 8; minute++) {
    predict(leeway, 300, clock.nowMs + 1, { seed: minute, shift: minute > 4 ? 150 : 0 });
    clock.nowMs += MINUTE_MS;
    await meters.forceFlush();
  }
  clock.nowMs += 11_000;
  await meters.forceFlush();
  expect(judged).toEqual([
    STATUS.insufficientData,
    STATUS.insufficientData,
    ...new Array(3).fill(STATUS.ok),
    ...new Array(3).fill(STATUS.critical),
  ]);
  const status = [...pointsOf(exporter, 'ml.drift.status')].filter(([of]) => of.includes('"amount"'));
  expect(status.map(([, value]) => value)).toEqual([STATUS.critical]);
  await meters.shutdown();
  await leeway.shutdown();
});

test('a producer, instruments that are observed and the text say the same', async () => {
  const { leeway, clock } = start();
  const produced = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const observed = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const producing = meterOf(produced, leeway);
  const observing = meterOf(observed);
  const stop = leeway.observeWith(observing);
  for (let minute = 0; minute < 5; minute++) {
    predict(leeway, 300, clock.nowMs + 1, { seed: minute });
    clock.nowMs += MINUTE_MS;
  }
  await producing.forceFlush();
  await observing.forceFlush();
  const names = Object.keys(METRICS).filter(
    (name) => pointsOf(produced, name).size > 0 && !/^leeway\.export|evaluation\.duration/.test(name),
  );
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) {
    expect([name, [...pointsOf(observed, name)].sort()]).toEqual([name, [...pointsOf(produced, name)].sort()]);
  }
  const text = await metrics(leeway);
  const sum = [...pointsOf(produced, 'ml.feature.observations')].reduce((all, [, value]) => all + (value as number), 0);
  expect(total(text, 'ml_feature_observations_total')).toBe(sum);
  expect(sum).toBe(2 * 4 * 300);
  expect(total(text, 'leeway_export_points_total', 'over_limit')).toBe(0);
  stop();
  await observing.forceFlush();
  await leeway.shutdown();
});

test('delta temporality: each reader’s producer gives what was added since its own last collection', async () => {
  const { leeway, clock } = start();
  const producer = leeway.metricProducer({ temporality: () => AggregationTemporality.DELTA });
  const observations = async () => {
    const { resourceMetrics } = await producer.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const found = all.find(({ descriptor }) => descriptor.name === 'ml.feature.observations');
    return (found?.dataPoints ?? []).reduce((sum, { value }) => sum + (value as number), 0);
  };
  const added: number[] = [];
  for (const count of [100, 30, 0]) {
    predict(leeway, count, clock.nowMs + 1, { seed: count });
    clock.nowMs += MINUTE_MS + 11_000;
    await leeway.metricProducer().collect();
    added.push(await observations());
  }
  expect(added).toEqual([200, 60, 0]);
  await leeway.shutdown();
});

test('metric producers are bounded', () => {
  const { leeway } = start();
  for (let i = 0; i < 16; i++) leeway.metricProducer();
  expect(() => leeway.metricProducer()).toThrow(RangeError);
});

test('a route handler serves the text; one that fails says so and does not throw', async () => {
  const { leeway } = start();
  const server = createServer(leeway.handleMetrics);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, leeway.metricsContentType]);
  expect(await response.text()).toContain('ml_reference_info{');
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await leeway.shutdown();
});

test('flush counts the open pane and judges what is there, as often as it is called; sums and windows are as without', async () => {
  const flushed = start();
  const plain = start();
  for (let minute = 0; minute < 5; minute++) {
    for (let part = 0; part < 3; part++) {
      for (const { leeway, clock } of [flushed, plain]) {
        predict(leeway, 100, clock.nowMs + 1, { seed: 3 * minute + part, shift: 150 });
        clock.nowMs += MINUTE_MS / 3;
      }
      const judgements = await flushed.leeway.flush();
      expect(judgements.map(({ model, version }) => [model, version])).toEqual([['risk', '1']]);
      const rowCount = Math.min(100 * (3 * minute + part + 1), 100 * (6 + part + 1));
      expect(judgements[0].evaluation.rowCount).toBe(rowCount);
      expect(judgements[0].evaluation.signals.data_drift.status).toBe(
        rowCount < 200 ? STATUS.insufficientData : STATUS.critical,
      );
      const text = await metrics(flushed.leeway);
      expect(total(text, 'ml_feature_observations_total', '"amount"')).toBe(100 * (3 * minute + part + 1));
    }
  }
  for (const { clock } of [flushed, plain]) clock.nowMs += 11_000;
  const own = /evaluation_duration/;
  const series = async ({ leeway }: typeof plain) =>
    [...(await metrics(leeway))].filter(([name]) => !own.test(name)).sort();
  expect(await series(flushed)).toEqual(await series(plain));
  await flushed.leeway.shutdown();
  await plain.leeway.shutdown();
});

test('a flush without traffic says that there is no data', async () => {
  const { leeway } = start();
  const [{ evaluation }] = await leeway.flush();
  expect(evaluation.signals.data_drift.status).toBe(STATUS.noData);
  await leeway.shutdown();
});

test('shutdown of a provider evaluates the last window before the reader’s last export; later spans are counted as closed', async () => {
  const { leeway, clock, ticks } = start();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meters = meterOf(exporter, leeway);
  const tracers = new TracerProvider({ spanProcessors: [leeway.spanProcessor] });
  predict(leeway, 123, clock.nowMs + 1);
  // As NodeSDK does it: all of them at once.
  const meterShutdown = async () => {
    await meters.forceFlush();
    await meters.shutdown();
  };
  await Promise.all([tracers.shutdown(), meterShutdown()]);
  const counted = [...pointsOf(exporter, 'ml.feature.observations')].reduce(
    (sum, [, value]) => sum + (value as number),
    0,
  );
  expect(counted).toBe(2 * 123);
  expect(ticks).toEqual([]);
  predict(leeway, 2, clock.nowMs + 1);
  await leeway.shutdown();
  expect(total(await metrics(leeway), 'leeway_items_ignored_total', '"closed"')).toBe(2);
});

test('spans that are not sampled are not counted: those that are stand for them', async () => {
  const { leeway, clock } = start();
  const span: FinishedSpan = {
    spanContext: () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.NONE }),
    endTime: [clock.nowMs / 1000, 0],
    attributes: { 'ml.model.name': 'risk', 'ml.features.amount': 1 },
    resource: resourceFromAttributes({}),
    droppedAttributesCount: 0,
  };
  leeway.spanProcessor.onEnd(span);
  const text = await metrics(leeway);
  expect(total(text, 'leeway_items_ignored_total', '"not_sampled"')).toBe(1);
  expect(total(text, 'leeway_observations_received_total')).toBe(0);
  await leeway.shutdown();
});

test('what is no span harms neither the service nor what came before and after', async () => {
  const errors: Error[] = [];
  const { leeway, clock } = start({
    onError: (error) => {
      errors.push(error);
      throw new Error('a callback that throws');
    },
  });
  predict(leeway, 10, clock.nowMs + 1, { seed: 1 });
  const context = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
  const endTime = [0, 0] as const;
  const throwing = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no keys');
      },
    },
  );
  const resource = resourceFromAttributes({});
  const bad: unknown[] = [
    undefined,
    {},
    { spanContext: () => context, endTime, attributes: null, resource, droppedAttributesCount: 0 },
    { spanContext: () => context, endTime, attributes: throwing, resource, droppedAttributesCount: 0 },
  ];
  for (const one of bad) leeway.spanProcessor.onEnd(one as FinishedSpan);
  leeway.logRecordProcessor.onEmit({} as never);
  predict(leeway, 10, clock.nowMs + 1, { seed: 2 });
  const text = await metrics(leeway);
  expect(errors).toHaveLength(5);
  expect(total(text, 'leeway_items_ignored_total', '"fault"')).toBe(5);
  expect(total(text, 'leeway_observations_processed_total', '"counted"')).toBe(20);
  await leeway.shutdown();
});

test('a span with more values than a request may have is refused and counted', async () => {
  const { leeway, clock } = start();
  const columns = Object.fromEntries(
    Array.from({ length: 130 }, (_, i) => [`ml.features.f${i}`, new Array(32_768).fill(1)]),
  );
  leeway.spanProcessor.onEnd({
    spanContext: () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
    endTime: [clock.nowMs / 1000, 0],
    attributes: { 'ml.model.name': 'risk', ...columns },
    resource: resourceFromAttributes({}),
    droppedAttributesCount: 0,
  });
  predict(leeway, 10, clock.nowMs + 1);
  const text = await metrics(leeway);
  expect(total(text, 'leeway_items_ignored_total', '"too_large"')).toBe(1);
  expect(total(text, 'leeway_observations_processed_total', '"counted"')).toBe(10);
  await leeway.shutdown();
});

test('the environment that a resource detector finds later is waited for', async () => {
  const { leeway, clock } = start();
  const resource = resourceFromAttributes({ 'deployment.environment.name': Promise.resolve('late') as never });
  const tracers = new TracerProvider({ resource, spanProcessors: [leeway.spanProcessor] });
  const span = tracers.getTracer('test').startSpan('predict', {
    startTime: clock.nowMs,
    attributes: { 'ml.model.name': 'risk', 'ml.model.version': '1', 'ml.features.amount': 1 },
  });
  span.end(clock.nowMs + 1);
  await leeway.flush();
  expect(total(await metrics(leeway), 'ml_feature_observations_total', '"late"', '"amount"')).toBe(1);
  await leeway.shutdown();
});

test('other references apply from the call on; one that cannot be used changes nothing', async () => {
  const { leeway, clock } = start();
  predict(leeway, 100, clock.nowMs + 1);
  await leeway.flush();
  await expect(leeway.configure({ ...reference, rowCount: 7 })).rejects.toThrow(/no valid reference profile/);
  expect(total(await metrics(leeway), 'ml_feature_observations_total', '"amount"')).toBe(100);
  const other = referenceOf(rowsOf(3_000, 2), 'recent');
  await leeway.configure(other);
  predict(leeway, 50, clock.nowMs + 1, { seed: 2 });
  await leeway.flush();
  const text = await metrics(leeway);
  expect(total(text, 'ml_feature_observations_total', '"amount"', other.id)).toBe(50);
  // What was counted under the reference before is exported for some minutes more.
  expect(total(text, 'ml_feature_observations_total', '"amount"', reference.id)).toBe(100);
  await leeway.shutdown();
});

test('attributes under other names are mapped', async () => {
  const { leeway, clock } = start({
    mapping: { 'my.model': 'ml.model.name', 'input.amount': 'ml.features.amount' },
    reference,
  });
  const service = new Service('production');
  service.span({ 'my.model': 'risk', 'input.amount': 12 }, clock.nowMs);
  for (const span of service.take().spans) leeway.spanProcessor.onEnd(span);
  await leeway.flush();
  expect(total(await metrics(leeway), 'ml_feature_observations_total', '"amount"')).toBe(1);
  await leeway.shutdown();
});

test('the timer closes panes by itself', async () => {
  const { leeway, clock, ticks } = start();
  predict(leeway, 10, clock.nowMs + 1);
  clock.nowMs += MINUTE_MS + 11_000;
  ticks[0]();
  await new Promise((resolve) => setImmediate(resolve));
  // A collection would take what is due itself: with the clock back there is nothing due.
  clock.nowMs = START_MS;
  expect(total(await metrics(leeway), 'ml_feature_observations_total', '"amount"')).toBe(10);
  await leeway.shutdown();
});
