/** What a person wants to know of the monitor, read from `/metrics`. */
import { parsePrometheusText, type Samples, sampleValue, select } from './prometheus-text.ts';

export const STATUS_NAMES = [
  'no data',
  'insufficient data',
  'stale',
  'schema mismatch',
  'ok',
  'warning',
  'critical',
] as const;
export const STATUS_OK = 4;

export function statusName(status: number): string {
  return STATUS_NAMES[status] ?? String(status);
}

export interface DriftLine {
  readonly name: string;
  readonly signal: string;
  readonly score?: number;
  readonly noise?: number;
  readonly warning?: number;
  readonly critical?: number;
  readonly status: number;
  /** False for a column that the reference proposes to leave alone, such as a calendar feature: it has a score, no status. */
  readonly isMonitored: boolean;
}

export interface QualityLine {
  readonly name: string;
  readonly rule: string;
  readonly ratio: number;
  readonly warning: number;
  readonly critical: number;
}

export interface PerformanceLine {
  readonly metric: string;
  /** With the labels that arrived in the window. */
  readonly measured?: number;
  /** Without labels. */
  readonly estimated?: number;
  readonly reference?: number;
  readonly warning?: number;
  readonly status: number;
}

export interface MonitorView {
  readonly model: string;
  readonly windowRowCount: number;
  /** End of the window that was evaluated last, Unix milliseconds; 0 before the first. */
  readonly evaluatedMs: number;
  readonly signals: Readonly<Record<string, number>>;
  readonly drift: readonly DriftLine[];
  /** Rules of monitored columns whose ratio is at or above their warning threshold. */
  readonly violations: readonly QualityLine[];
  readonly performance: readonly PerformanceLine[];
  /** Labels that met their prediction, and the share of the predictions of a window that are due and have one. */
  readonly labelCount: number;
  readonly coverage?: number;
  readonly received: number;
  readonly processed: Readonly<Record<string, number>>;
}

export async function readMonitor(url: string, model: string): Promise<MonitorView> {
  const response = await fetch(url);
  return monitorView(parsePrometheusText(await response.text()), model);
}

export function monitorView(samples: Samples, model: string): MonitorView {
  const of = { ml_model_name: model };
  const signals: Record<string, number> = {};
  for (const { labels, value } of select(samples, 'ml_monitor_status', of)) signals[labels.ml_signal] = value;
  const processed: Record<string, number> = {};
  for (const { labels, value } of select(samples, 'leeway_observations_processed_total')) {
    processed[labels.leeway_outcome] = (processed[labels.leeway_outcome] ?? 0) + value;
  }
  const drift = select(samples, 'ml_drift_status', of).map(({ labels, value }) => driftLine(samples, labels, value));
  return {
    model,
    windowRowCount: sampleValue(samples, 'ml_monitor_window_rows', { ...of, ml_signal: 'data_drift' }) ?? 0,
    evaluatedMs:
      1000 * (sampleValue(samples, 'ml_monitor_last_evaluation_time_seconds', { ...of, ml_signal: 'data_drift' }) ?? 0),
    signals,
    drift,
    violations: violations(samples, of).filter(({ name }) =>
      drift.some((line) => line.name === name && line.isMonitored),
    ),
    performance: select(samples, 'ml_performance_status', of).map(({ labels, value }) =>
      performanceLine(samples, labels.ml_performance_metric, value, of),
    ),
    labelCount: sampleValue(samples, 'ml_ground_truths_total', { ...of, ml_outcome: 'matched' }) ?? 0,
    coverage: sampleValue(samples, 'ml_ground_truth_coverage_ratio', of),
    received: sampleValue(samples, 'leeway_observations_received_total') ?? 0,
    processed,
  };
}

function driftLine(samples: Samples, labels: Readonly<Record<string, string>>, status: number): DriftLine {
  const column = labels.ml_feature_name === undefined ? 'ml_output_name' : 'ml_feature_name';
  const of = {
    ml_model_name: labels.ml_model_name,
    ml_signal: labels.ml_signal,
    [column]: labels[column],
    ml_drift_metric: 'psi',
  };
  const score = sampleValue(samples, 'ml_drift_score', of);
  return {
    name: labels[column],
    signal: labels.ml_signal,
    status,
    isMonitored: status !== 0 || score === undefined,
    score,
    noise: sampleValue(samples, 'ml_drift_noise', of),
    warning: sampleValue(samples, 'ml_drift_threshold', { ...of, ml_level: 'warning' }),
    critical: sampleValue(samples, 'ml_drift_threshold', { ...of, ml_level: 'critical' }),
  };
}

function performanceLine(
  samples: Samples,
  metric: string,
  status: number,
  model: Readonly<Record<string, string>>,
): PerformanceLine {
  const of = { ...model, ml_performance_metric: metric };
  const score = (source: string) =>
    sampleValue(samples, 'ml_performance_score', { ...of, ml_performance_source: source });
  return {
    metric,
    status,
    measured: score('measured'),
    estimated: score('estimated'),
    reference: sampleValue(samples, 'ml_performance_reference', of),
    warning: sampleValue(samples, 'ml_performance_threshold', { ...of, ml_level: 'warning' }),
  };
}

function violations(samples: Samples, of: Readonly<Record<string, string>>): QualityLine[] {
  return select(samples, 'ml_data_quality_violation_ratio', of)
    .map(({ labels, value }) => {
      const column = labels.ml_feature_name === undefined ? 'ml_output_name' : 'ml_feature_name';
      const rule = { ...of, [column]: labels[column], ml_rule_name: labels.ml_rule_name };
      const threshold = (level: string) =>
        sampleValue(samples, 'ml_data_quality_threshold_ratio', { ...rule, ml_level: level }) ?? 1;
      return {
        name: labels[column],
        rule: labels.ml_rule_name,
        ratio: value,
        warning: threshold('warning'),
        critical: threshold('critical'),
      };
    })
    .filter((line) => line.ratio >= line.warning);
}
