import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { expect, test } from 'vitest';
import { valuesOf } from '../test/memory-sdk.ts';
import { json, withModelServer } from '../test/model-server.ts';
import { INPUTS, MODEL, OUTPUTS } from '../test/plan-call.ts';
import { withTelemetry } from '../test/telemetry.ts';
import { InferenceHttpInstrumentation } from './inference-http-instrumentation.ts';

const server = withModelServer();
const telemetry = withTelemetry();
const post = async () =>
  (await fetch(server.url() + MODEL, { method: 'POST', body: JSON.stringify(INPUTS) })).arrayBuffer();

test('it is registered and unregistered as any instrumentation of OpenTelemetry', async () => {
  server.answer(json(OUTPUTS));
  const instrumentation = new InferenceHttpInstrumentation({ enabled: false });
  await post();
  expect([telemetry.spans().length, instrumentation.isEnabled]).toEqual([0, false]);
  // Registering enables what was made disabled: that is what `enabled: false` is for.
  const unregister = registerInstrumentations({
    instrumentations: [instrumentation],
    tracerProvider: telemetry.tracers(),
  });
  await post();
  expect((await telemetry.ended(1))[0].name).toBe('predict iris');
  unregister();
  await post();
  expect([telemetry.spans().length, instrumentation.isEnabled]).toEqual([1, false]);
});

test('LEEWAY_HTTP_PATTERNS and LEEWAY_CAPTURE_FEATURES: no line of code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-http-'));
  const file = join(folder, 'patterns.json');
  const pattern = {
    url: `${server.url()}/api/{model}/score`,
    request: { features: { age: 'customer.age', plan: 'customer.plan' } },
    response: { label: 'result.class', score: 'result.p' },
  };
  writeFileSync(file, JSON.stringify({ patterns: [pattern] }));
  process.env.LEEWAY_HTTP_PATTERNS = file;
  process.env.LEEWAY_CAPTURE_FEATURES = 'age';
  let instrumentation: InferenceHttpInstrumentation | undefined;
  try {
    instrumentation = new InferenceHttpInstrumentation();
    server.answer(json({ result: { class: 'stays', p: 0.75 } }));
    const body = JSON.stringify({ customer: { age: 31, plan: 'free' } });
    await (await fetch(`${server.url()}/api/own-churn/score`, { method: 'POST', body })).arrayBuffer();
    const [span] = await telemetry.ended(1);
    expect([span.name, span.attributes['ml.system.name']]).toEqual(['predict own-churn', 'custom']);
    expect(valuesOf(span)).toEqual({
      'ml.features.age': 31,
      'ml.prediction.label': 'stays',
      'ml.prediction.score': 0.75,
      'ml.capture.probability': 1,
    });
  } finally {
    instrumentation?.disable();
    delete process.env.LEEWAY_HTTP_PATTERNS;
    delete process.env.LEEWAY_CAPTURE_FEATURES;
    rmSync(folder, { recursive: true });
  }
});
