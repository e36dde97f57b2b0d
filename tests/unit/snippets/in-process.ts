import { createLeeway } from '@leeway/in-process';
import { monitor } from '@leeway/instrumentation';
import { trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';

const leeway = createLeeway({
  reference: 'examples/flights/reference.json',
  window: { length: '10m', lateness: '30s' },
  alarms: { columns: { distance: { warning: 0.15 } } },
});
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [leeway.spanProcessor] }));

const model = monitor({ model: { name: 'late-flights', version: '1' }, capture: { features: '*' } });
for (let i = 0; i < 500; i++) {
  const flight = { distance: 90 + 5 * i, hour: i % 24 };
  model.predict(flight, () => ({ label: flight.distance > 900 ? 'late' : 'on time' }));
}

const [flights] = await leeway.flush();
const drift = flights.evaluation.columns.find(({ name }) => name === 'distance');
const text = await leeway.metricsText();

export { drift, text };
