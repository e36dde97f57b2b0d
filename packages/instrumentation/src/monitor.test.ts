import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addBackPressure } from './back-pressure.ts';
import { setMeterProvider } from './instruments.ts';
import { monitor } from './monitor.ts';
import { setTracerProvider } from './tracing.ts';

const spans = new InMemorySpanExporter();
let metricExporter: InMemoryMetricExporter;
let meters: MeterProvider;

beforeEach(() => {
  spans.reset();
  metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  setTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
  meters = new MeterProvider({
    resource: resourceFromAttributes({}),
    readers: [new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 60_000 })],
  });
  setMeterProvider(meters);
});
afterEach(async () => {
  setTracerProvider(undefined);
  setMeterProvider(undefined);
  await meters.shutdown();
});

const model = { name: 'fraud', version: '7' };
const attributes = () => spans.getFinishedSpans().map((span) => span.attributes);

test('without capture a span says which model ran, and no value', () => {
  const fraud = monitor({ model });
  expect(fraud.predict({ amount: 12.5 }, () => ({ label: 'ok', score: 0.9 }))).toEqual({ label: 'ok', score: 0.9 });
  const [span] = spans.getFinishedSpans();
  expect(span.name).toBe('predict fraud');
  expect(span.attributes).toEqual({
    'ml.operation.name': 'predict',
    'ml.model.name': 'fraud',
    'ml.model.version': '7',
    'ml.inference.id': span.spanContext().spanId,
  });
});

test('captured: prediction before features, missing values by name, nothing that is not finite', () => {
  const fraud = monitor({ model, capture: { features: '*' } });
  fraud.predict({ amount: Number.NaN, country: 'NL', age: null, vip: true }, () => ({
    label: 'ok',
    score: 0.9,
    scores: { ok: 0.9 },
  }));
  const [captured] = attributes();
  expect(captured).toMatchObject({
    'ml.prediction.label': 'ok',
    'ml.prediction.score': 0.9,
    'ml.prediction.scores.ok': 0.9,
    'ml.capture.probability': 1,
    'ml.capture.missing': ['amount', 'age'],
    'ml.features.country': 'NL',
    'ml.features.vip': true,
  });
  const keys = Object.keys(captured);
  expect(keys.indexOf('ml.prediction.label')).toBeLessThan(keys.indexOf('ml.capture.probability'));
  expect(keys.indexOf('ml.capture.probability')).toBeLessThan(keys.indexOf('ml.features.country'));
});

test('a batch is columns, null where a value is missing', () => {
  const fraud = monitor<number>({ model, capture: { features: ['amount'] } });
  fraud.batch(
    [
      { amount: 1, name: 'x' },
      { amount: undefined, name: 'y' },
      { amount: 3, name: 'z' },
    ],
    () => [0.1, 0.2, 0.3],
  );
  expect(attributes()[0]).toMatchObject({
    'ml.inference.batch.size': 3,
    'ml.features.amount': [1, null, 3],
    'ml.prediction.value': [0.1, 0.2, 0.3],
  });
  expect(Object.keys(attributes()[0])).not.toContain('ml.features.name');
});

test('bucket and hmac leave what they say and nothing else', () => {
  const fraud = monitor({ model, capture: { features: { amount: { bucket: [0, 10, 100] }, mail: { hmac: 'key' } } } });
  fraud.predict({ amount: 42, mail: 'a@b.c' }, () => 1);
  fraud.predict({ amount: 7, mail: 'a@b.c' }, () => 1);
  const [first, second] = attributes();
  expect([first['ml.features.amount'], second['ml.features.amount']]).toEqual([10, 0]);
  expect(first['ml.features.mail']).toMatch(/^[0-9a-f]{16}$/);
  expect(first['ml.features.mail']).toBe(second['ml.features.mail']);
});

test('results and exceptions pass through untouched, sync and async; a promise is the same promise', async () => {
  const fraud = monitor({ model });
  const promise = Promise.resolve(3);
  expect(fraud.predict({}, () => promise)).toBe(promise);
  const failure = new TypeError('no');
  expect(() =>
    fraud.predict({}, () => {
      throw failure;
    }),
  ).toThrow(failure);
  await expect(fraud.predict({}, () => Promise.reject(failure))).rejects.toBe(failure);
  await promise;
  expect(
    attributes()
      .map((span) => span['error.type'])
      .filter(Boolean),
  ).toEqual(['TypeError', 'TypeError']);
});

test('an awaited batch is held back until there is room; its errors, and what is no promise, never are', async () => {
  const fraud = monitor<number>({ model });
  let letGo: () => void = () => undefined;
  const room = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const source = { share: () => 1, ready: () => room, flush: async () => undefined, droppedCount: () => 0 };
  const remove = addBackPressure(source);
  try {
    let isThrough = false;
    const held = fraud
      .batch([{}, {}], async () => [1, 2])
      .then((result) => {
        isThrough = true;
        return result;
      });
    expect(fraud.batch([{}], () => [3])).toEqual([3]);
    const failure = new TypeError('no');
    await expect(fraud.batch([{}], () => Promise.reject(failure))).rejects.toBe(failure);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isThrough).toBe(false);
    expect(spans.getFinishedSpans()).toHaveLength(3);
    letGo();
    expect(await held).toEqual([1, 2]);
  } finally {
    remove();
  }
  const result = Promise.resolve([1]);
  expect(fraud.batch([{}], () => result)).toBe(result);
});

test('when a queue fills, calls that do not wait are sampled by the room that is left, and say so', async () => {
  const source = { share: () => 1 / 4, ready: () => undefined, flush: async () => undefined, droppedCount: () => 0 };
  const remove = addBackPressure(source);
  try {
    const fraud = monitor({ model, capture: { features: '*' } });
    for (let i = 0; i < 4_000; i++) fraud.predict({ amount: i }, () => 1);
  } finally {
    remove();
  }
  const captured = attributes().filter((span) => span['ml.features.amount'] !== undefined);
  // Binomial(4,000, 1/4): six standard deviations of 27.4 either way.
  expect(Math.abs(captured.length - 1_000)).toBeLessThan(165);
  expect(new Set(captured.map((span) => span['ml.capture.probability']))).toEqual(new Set([1 / 4]));
  const others = attributes().filter((span) => span['ml.features.amount'] === undefined);
  expect(new Set(others.map((span) => span['ml.capture.skipped.reason']))).toEqual(new Set(['pressure']));
});

test('a reader that throws does not break the host', () => {
  const fraud = monitor({
    model,
    output: () => {
      throw new Error('mine');
    },
  });
  expect(fraud.predict({}, () => 1)).toBe(1);
  expect(
    fraud.wrap((x: number) => x + 1, {
      input: () => {
        throw new Error('mine');
      },
    })(1),
  ).toBe(2);
});

test('metrics: duration, rows, labels of the declared classes and other', async () => {
  const fraud = monitor({ model: { ...model, classes: ['ok', 'fraud'] } });
  fraud.batch([{}, {}, {}], () => [{ label: 'ok' }, { label: 'ok' }, { label: 'surprise' }]);
  await meters.forceFlush();
  const metrics = metricExporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const points = (name: string) => metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  expect(points('ml.inference.rows')[0]?.value).toBe(3);
  expect(points('ml.inference.duration')[0]?.value).toMatchObject({ count: 1 });
  expect(points('ml.predictions').map((point) => [point.attributes['ml.prediction.label'], point.value])).toEqual([
    ['ok', 2],
    ['fraud', 0],
    ['other', 1],
  ]);
});

test('law: what is not on the allow-list appears in no signal, wherever it came in', async () => {
  const secret = 'S3CRET-value';
  const value = fc.constantFrom<unknown>(secret, { toString: () => secret }, [secret], Symbol(secret), () => secret);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom('a', 'b', 'c'), value), fc.boolean(), async (features, throws) => {
      spans.reset();
      const fraud = monitor({ model, capture: { features: ['allowed'], predictions: false } });
      try {
        fraud.predict({ ...(features as Record<string, string>), allowed: 1 }, () => {
          if (throws) throw new Error(secret);
          return { label: secret, scores: { [secret]: 1 } } as never;
        });
      } catch {
        // the host's own error
      }
      const exported = spans
        .getFinishedSpans()
        .map((span) => JSON.stringify([span.name, span.attributes, span.events, span.status]));
      expect(exported.join()).not.toContain(secret);
    }),
    { numRuns: 50 },
  );
});
