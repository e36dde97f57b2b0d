/**
 * A service with `@leeway/in-process` as its users have it: ESM and CommonJS, under OpenTelemetry's SDK 3.x and 2.x. Each
 * program makes spans and log records with the SDK, exports through its reader, and fails unless all were counted.
 */

export interface ServiceSdk {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  /** Package and class of the tracer provider: SDK 3 renamed both. */
  readonly tracing: readonly [module: string, provider: string];
}

export const SDKS: readonly ServiceSdk[] = [
  {
    name: 'SDK 3',
    dependencies: {
      '@opentelemetry/api': '1.10.0',
      '@opentelemetry/sdk-trace': '3.1.0',
      '@opentelemetry/sdk-logs': '3.1.0',
      '@opentelemetry/sdk-metrics': '3.1.0',
    },
    tracing: ['@opentelemetry/sdk-trace', 'TracerProvider'],
  },
  {
    name: 'SDK 2',
    dependencies: {
      '@opentelemetry/api': '1.9.0',
      '@opentelemetry/sdk-trace-base': '2.12.1',
      '@opentelemetry/sdk-logs': '0.223.1',
      '@opentelemetry/sdk-metrics': '2.12.1',
    },
    tracing: ['@opentelemetry/sdk-trace-base', 'BasicTracerProvider'],
  },
];

/** Source of the program, and of one that only has to compile: the processors fit the SDK's own types. */
export function serviceProgram({ tracing: [module, provider] }: ServiceSdk, style: 'esm' | 'cjs' | 'types'): string {
  const take = (names: string, from: string) =>
    style === 'cjs' ? `const { ${names} } = require('${from}');` : `import { ${names} } from '${from}';`;
  return [
    take('readFileSync', 'node:fs'),
    take('createLeeway', '@leeway/in-process'),
    take(provider, module),
    take('LoggerProvider', '@opentelemetry/sdk-logs'),
    take(
      'AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader',
      '@opentelemetry/sdk-metrics',
    ),
    BODY.replace('PROVIDER', provider),
  ].join('\n');
}

const BODY = `
async function main() {
  const leeway = createLeeway({ reference: 'reference.json', window: { length: '1m' } });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
    metricProducers: [leeway.metricProducer()],
  });
  const meters = new MeterProvider({ readers: [reader] });
  const observed = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const observing = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: observed, exportIntervalMillis: 3_600_000 })],
  });
  leeway.observeWith(observing);
  const tracers = new PROVIDER({ spanProcessors: [leeway.spanProcessor] });
  const loggers = new LoggerProvider({ processors: [leeway.logRecordProcessor] });
  const attributes = (amount: number) => ({ 'ml.model.name': 'm', 'ml.features.amount': amount, 'ml.features.plan': 'a' });
  for (let i = 0; i < 300; i++) tracers.getTracer('test').startSpan('predict', { attributes: attributes(i) }).end();
  for (let i = 0; i < 200; i++) loggers.getLogger('test').emit({ eventName: 'ml.prediction', attributes: attributes(i) });
  const [{ evaluation }] = await leeway.flush();
  await tracers.shutdown();
  await loggers.shutdown();
  await meters.forceFlush();
  await observing.forceFlush();
  const countOf = (from: InMemoryMetricExporter) => {
    const all = from.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics);
    const found = all.find(({ descriptor }) => descriptor.name === 'ml.feature.observations');
    return (found?.dataPoints ?? []).reduce((sum, { value }) => sum + Number(value), 0);
  };
  const counts = [evaluation.rowCount, countOf(exporter), countOf(observed)];
  if (counts.join() !== '500,1000,1000') throw new Error('counted ' + counts.join());
  if (!(await leeway.metricsText()).includes('ml_feature_observations_total')) throw new Error('no text');
  const { version } = JSON.parse(readFileSync('node_modules/@opentelemetry/sdk-metrics/package.json', 'utf8'));
  console.log('counted under SDK', version);
}
main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
`;

/** JavaScript of a program: its only types are annotations. */
export function withoutTypes(program: string): string {
  return program.replaceAll(/\((\w+): (?:number|unknown|InMemoryMetricExporter)\)/g, '($1)');
}
