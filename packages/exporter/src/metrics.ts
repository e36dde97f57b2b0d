/** Everything but the OTLP exporters, for a host that exports by somebody else's: they take most of the time to load. */
export { type BooksView, EngineMetrics, type EngineState } from './engine-metrics.ts';
export type { MetricFamily, MetricSource } from './metric-family.ts';
export { LeewayMetricProducer, type MetricProducerOptions } from './metric-producer.ts';
export { ModelMetrics } from './model-metrics.ts';
export { createPrometheusRegistry } from './prometheus-registry.ts';
