import { context, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { afterEach, expect, test } from 'vitest';
import { json, withModelServer } from '../test/model-server.ts';
import { INPUTS, MODEL, OUTPUTS } from '../test/plan-call.ts';
import { withTelemetry } from '../test/telemetry.ts';
import { InferenceHttpInstrumentation, type InferenceHttpOptions } from './inference-http-instrumentation.ts';

const server = withModelServer();
const telemetry = withTelemetry();
let instrumentation: InferenceHttpInstrumentation | undefined;

function instrument(options: InferenceHttpOptions = {}): void {
  instrumentation = new InferenceHttpInstrumentation(options);
}
afterEach(() => instrumentation?.disable());

const post = () => fetch(server.url() + MODEL, { method: 'POST', body: JSON.stringify(INPUTS) });

const traceparents = () =>
  server.received.map(({ rawHeaders }) =>
    rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1].toLowerCase() === 'traceparent'),
  );

test("the inference's span is the parent of the server's where nobody else propagates", async () => {
  instrument();
  server.answer(json(OUTPUTS));
  const parent = telemetry.tracers().getTracer('test').startSpan('parent');
  await context.with(trace.setSpan(context.active(), parent), () => post().then((response) => response.text()));
  const [span] = await telemetry.ended(1);
  expect(span.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
  const { traceId, spanId } = span.spanContext();
  expect(traceparents()).toEqual([[`00-${traceId}-${spanId}-01`]]);
  instrumentation?.disable();
  instrument({ propagate: false });
  await (await post()).text();
  expect(traceparents()[1]).toEqual([]);
});

test.each(['before', 'after'])(
  'with instrumentation-undici enabled %s ours there is one traceparent',
  async (order) => {
    if (order === 'after') instrument();
    const undici = new UndiciInstrumentation();
    undici.setTracerProvider(telemetry.tracers());
    try {
      if (order === 'before') instrument();
      server.answer(json(OUTPUTS));
      await (await post()).text();
      const spans = await telemetry.ended(2);
      const http = spans.find(({ name }) => name === 'POST')!;
      expect(spans.map(({ name }) => name).toSorted()).toEqual(['POST', 'predict iris']);
      const { traceId, spanId } = http.spanContext();
      expect(traceparents()).toEqual([[`00-${traceId}-${spanId}-01`]]);
      expect((await telemetry.points('ml.inference.rows')).map(({ value }) => value)).toEqual([2]);
    } finally {
      undici.disable();
    }
  },
);
