import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { expect, test } from 'vitest';
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
