/** What was judged, whatever it was, in the one form that alarms are made of. */
import { type DriftScore, type Evaluation, type Signal, STATUS, type Status } from '../signal/evaluation.ts';
import type { PerformanceEvaluation } from '../signal/performance-evaluation.ts';

export interface Judgement {
  readonly signal: Signal;
  /** Feature, output, or metric of performance. */
  readonly subject: string;
  /** Of data quality. */
  readonly rule?: string;
  /** Of drift and performance. */
  readonly metric?: string;
  /** With hysteresis; below ok nothing was judged. */
  readonly status: Status;
  readonly score?: number;
  readonly noise?: number;
  readonly warning?: number;
  readonly critical?: number;
  readonly badSide: 'above' | 'below';
  /** Effective n of the window and N of the reference. */
  readonly currentSize: number;
  readonly referenceSize: number;
}

/** Drift and quality of the columns that are monitored. */
export function columnJudgements({ columns }: Evaluation): Judgement[] {
  return columns
    .filter(({ monitored }) => monitored)
    .flatMap(({ name, role, status, scores, quality, currentSize, referenceSize }): Judgement[] => {
      const alarming = scores.find(({ alarms }) => alarms);
      const sizes = { subject: name, currentSize, referenceSize };
      const drift: Judgement = {
        ...sizes,
        signal: role === 'feature' ? 'data_drift' : 'prediction_drift',
        status,
        badSide: alarming?.badSide ?? 'above',
        ...(alarming === undefined ? {} : scoreOf(alarming)),
      };
      const rules = quality.map(
        ({ rule, ratio, noise, warning, critical, ...one }): Judgement => ({
          ...sizes,
          signal: 'data_quality',
          rule,
          status: one.status,
          badSide: 'above',
          score: ratio,
          noise,
          warning,
          critical,
        }),
      );
      return [drift, ...rules];
    });
}

/** Metrics that were measured, of the model as a whole. */
export function performanceJudgements({ metrics, labelSize }: PerformanceEvaluation): Judgement[] {
  return metrics.map(({ metric, status, measured, thresholds, badSides }) => ({
    signal: 'performance',
    subject: metric,
    metric,
    status,
    badSide: badSides[0] ?? 'below',
    ...(measured === undefined ? {} : { score: measured.value, noise: measured.standardError }),
    ...(thresholds === undefined ? {} : { warning: thresholds.warning, critical: thresholds.critical }),
    currentSize: labelSize,
    referenceSize: 0,
  }));
}

function scoreOf({ metric, score, noise, warning, critical }: DriftScore) {
  return { metric, score, noise, warning, critical };
}

/** How far beyond its warning threshold, as a ratio from 1 on; 0 where nothing says. */
export function severityOf({ status, score, warning, badSide }: Judgement): number {
  if (status < STATUS.warning || score === undefined || warning === undefined) return 0;
  const ratio = badSide === 'above' ? score / warning : warning / score;
  return Number.isFinite(ratio) ? Math.max(1, ratio) : 1;
}
