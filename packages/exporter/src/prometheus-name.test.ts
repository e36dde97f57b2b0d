import { METRICS } from '@leeway/semconv';
import { expect, test } from 'vitest';
import { type Instrument, prometheusLabel, prometheusName } from './prometheus-name.ts';

// Golden names: what Prometheus 3 and VictoriaMetrics (usePrometheusNaming) make of the OTLP names.
const GOLDEN: readonly (readonly [string, string, Instrument, string])[] = [
  ['ml.inference.duration', 's', 'histogram', 'ml_inference_duration_seconds'],
  ['ml.feature.observations', '{value}', 'counter', 'ml_feature_observations_total'],
  ['ml.data_quality.violation.ratio', '1', 'gauge', 'ml_data_quality_violation_ratio'],
  ['ml.reference.created.time', 's', 'gauge', 'ml_reference_created_time_seconds'],
  ['ml.drift.score', '{score}', 'gauge', 'ml_drift_score'],
  ['ml.monitor.status', '{state}', 'gauge', 'ml_monitor_status'],
  ['ml.model.info', '', 'gauge', 'ml_model_info'],
  ['leeway.receiver.bytes', 'By', 'counter', 'leeway_receiver_bytes_total'],
  ['leeway.receiver.in_flight', 'By', 'gauge', 'leeway_receiver_in_flight_bytes'],
  ['a.ratio.of.things', '1', 'gauge', 'a_of_things_ratio'],
];

test.each(GOLDEN)('%s (%s, %s) is %s', (name, unit, instrument, expected) => {
  expect(prometheusName(name, unit, instrument)).toBe(expected);
});

test('no two metrics share a Prometheus name', () => {
  const names = Object.entries(METRICS).map(([name, m]) => prometheusName(name, m.unit, m.instrument));
  expect(new Set(names).size).toBe(names.length);
});

test('labels keep only what Prometheus allows', () => {
  expect(prometheusLabel('deployment.environment.name')).toBe('deployment_environment_name');
});
