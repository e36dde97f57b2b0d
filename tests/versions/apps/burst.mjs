// A burst that no stock batch processor keeps, by Leeway's own way out in an SDK of the application's.
import { flushInferences, monitor } from '@leeway/instrumentation';
import { inferenceSpanProcessor } from '@leeway/instrumentation/batch-export';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

const exporter = new OTLPTraceExporter();
const others = {
  onStart: () => {},
  onEnd: (span) => exporter.export([span], () => {}),
  forceFlush: async () => {},
  shutdown: () => exporter.shutdown(),
};
const sdk = new NodeSDK({
  serviceName: 'job',
  spanProcessors: [inferenceSpanProcessor(new OTLPTraceExporter(), others)],
});
sdk.start();
trace.getTracer('job').startSpan('nightly').end();
const churn = monitor({ model: { name: 'churn' }, capture: { features: '*' } });
for (let age = 0; age < 5_000; age++) churn.predict({ age }, () => ({ label: age > 35 ? 'stays' : 'leaves' }));
await flushInferences();
await sdk.shutdown();
