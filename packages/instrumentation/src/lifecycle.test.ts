import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterEach, expect, test } from 'vitest';
import { setLoggerProvider } from './events.ts';
import { MODEL_TRANSITIONS, recordModelTransition } from './lifecycle.ts';

const exporter = new InMemoryLogRecordExporter();
const listen = () =>
  setLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }) as never);
afterEach(() => {
  setLoggerProvider(undefined);
  exporter.reset();
  delete process.env.LEEWAY_DISABLED;
});

test('one event a transition, by its name', () => {
  listen();
  for (const transition of MODEL_TRANSITIONS)
    recordModelTransition(transition, { model: { name: 'fraud', version: '7' } });
  expect(exporter.getFinishedLogRecords().map(({ eventName }) => eventName)).toEqual([
    'ml.model.approved',
    'ml.model.deployed',
    'ml.model.promoted',
    'ml.model.retired',
  ]);
});

test('who, why, where, and what it takes over from', () => {
  listen();
  recordModelTransition('promoted', {
    model: { name: 'fraud', version: '7', id: 'sha256:9f86d081' },
    by: 'risk team',
    reason: 'RISK-12',
    previousVersion: '6',
    environment: 'production',
    role: 'champion',
  });
  expect(exporter.getFinishedLogRecords()[0].attributes).toEqual({
    'ml.model.name': 'fraud',
    'ml.model.version': '7',
    'ml.model.id': 'sha256:9f86d081',
    'ml.model.previous_version': '6',
    'ml.lifecycle.actor': 'risk team',
    'ml.lifecycle.reason': 'RISK-12',
    'ml.deployment.role': 'champion',
    'deployment.environment.name': 'production',
  });
});

test('a no-op without an SDK, when switched off, and for a word that is none', () => {
  recordModelTransition('deployed', { model: { name: 'fraud', version: '7' } });
  listen();
  recordModelTransition('launched' as never, { model: { name: 'fraud', version: '7' } });
  process.env.LEEWAY_DISABLED = 'true';
  recordModelTransition('deployed', { model: { name: 'fraud', version: '7' } });
  expect(exporter.getFinishedLogRecords()).toEqual([]);
});
