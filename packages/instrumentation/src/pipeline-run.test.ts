import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, expect, test } from 'vitest';
import { setLoggerProvider } from './events.ts';
import { setMeterProvider } from './instruments.ts';
import { pipelineRun, recordPipelineRun } from './pipeline-run.ts';

const events = new InMemoryLogRecordExporter();
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);

function listen(): MeterProvider {
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e6 });
  const provider = new MeterProvider({ readers: [reader] });
  setMeterProvider(provider as never);
  setLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: events })] }) as never);
  return provider;
}

async function pointsOf(provider: MeterProvider): Promise<Record<string, unknown>> {
  await provider.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return Object.fromEntries(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints]));
}

afterEach(() => {
  setLoggerProvider(undefined);
  setMeterProvider(undefined);
  events.reset();
  exporter.reset();
});

test('a step: its value passes through, what it reports is told, the last word holds', async () => {
  const provider = listen();
  const value = await pipelineRun(
    { pipeline: 'retrain', step: 'fit', scheduledAt: new Date(Date.now() - 90_000), budget: 20 },
    (report) => {
      report({ rows: 3, metrics: { auroc: 0.6 } });
      report({ rows: 4, cost: 1.5 });
      return 'model';
    },
  );
  expect(value).toBe('model');
  expect(events.getFinishedLogRecords()[0]).toMatchObject({
    eventName: 'ml.pipeline.run',
    attributes: {
      'ml.pipeline.name': 'retrain',
      'ml.pipeline.step': 'fit',
      'ml.pipeline.run.status': 'ok',
      'ml.pipeline.run.rows': 4,
      'ml.pipeline.run.cost': 1.5,
      'ml.pipeline.metrics.auroc': 0.6,
    },
  });
  expect(await pointsOf(provider)).toMatchObject({
    'ml.pipeline.runs': [{ value: 1, attributes: { 'ml.pipeline.name': 'retrain', 'ml.pipeline.step': 'fit' } }],
    'ml.pipeline.run.duration': [{ value: { count: 1 } }],
    'ml.pipeline.schedule.delay': [{ value: { count: 1, sum: expect.closeTo(90, 0) } }],
    'ml.pipeline.cost': [{ value: 1.5 }],
    'ml.pipeline.budget': [{ value: 20, attributes: { 'ml.pipeline.name': 'retrain' } }],
  });
});

test('a step that fails: the very error passes through, and its class is told', async () => {
  const provider = listen();
  const error = new RangeError('no rows');
  const run = pipelineRun({ pipeline: 'retrain' }, async () => {
    throw error;
  });
  await expect(run).rejects.toBe(error);
  const [{ attributes }] = events.getFinishedLogRecords();
  expect(attributes).toMatchObject({ 'ml.pipeline.run.status': 'error', 'error.type': 'RangeError' });
  expect(JSON.stringify(attributes)).not.toContain('no rows');
  expect((await pointsOf(provider))['ml.pipeline.runs']).toMatchObject([
    { attributes: { 'error.type': 'RangeError' } },
  ]);
});

test('amounts that are none are left out', async () => {
  const provider = listen();
  const at = new Date();
  recordPipelineRun({
    pipeline: 'p',
    startedAt: at,
    endedAt: at,
    cost: Number.NaN,
    budget: -1,
    metrics: { f1: Number.NaN },
  });
  expect(events.getFinishedLogRecords()[0].attributes).not.toHaveProperty('ml.pipeline.metrics.f1');
  expect(Object.keys(await pointsOf(provider)).sort()).toEqual(['ml.pipeline.run.duration', 'ml.pipeline.runs']);
});

test('without an SDK nothing happens and the value passes through', async () => {
  expect(await pipelineRun({ pipeline: 'p' }, () => 7)).toBe(7);
});
