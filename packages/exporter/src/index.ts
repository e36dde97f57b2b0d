export { type BooksView, EngineMetrics, type EngineState } from './engine-metrics.ts';
export { createExportAgent, type ExportAgent } from './export-agent.ts';
export { KnownAttributes } from './known-attributes.ts';
export { LabelMetrics, type LabelsView } from './label-metrics.ts';
export {
  type HistogramPoint,
  type MetricFamily,
  type MetricSource,
  type NumberPoint,
  type PointAttributes,
  pointAttributes,
} from './metric-family.ts';
export { LeewayMetricProducer, type MetricProducerOptions } from './metric-producer.ts';
export { ModelMetrics } from './model-metrics.ts';
export type { ModelIdentity, ModelState, MonitoredModel, UnreferencedModel } from './model-state.ts';
export {
  type Environment,
  type ExportSignal,
  OTLP_PROTOCOLS,
  type OtlpProtocol,
  otlpEndpoint,
  otlpProblems,
  otlpProtocol,
  printableUrl,
} from './otlp-environment.ts';
export {
  FailureCounts,
  LAST_EXPORT_MS,
  type OtlpExport,
  type OtlpExportOptions,
  startOtlpExport,
} from './otlp-export.ts';
export { OUTCOME_CLASSES_MAX, type PerformanceState } from './performance-series.ts';
export { PointList } from './point-list.ts';
export { type Instrument, prometheusLabel, prometheusName } from './prometheus-name.ts';
export { createPrometheusRegistry } from './prometheus-registry.ts';
