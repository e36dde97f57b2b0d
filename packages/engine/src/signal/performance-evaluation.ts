/** What one evaluation of one model's performance says. Exporters, the page and alarms read this and nothing else. */
import type { PerformanceMetric } from '../performance/performance-metric.ts';
import type { Reason, SignalEvaluation, Status } from './evaluation.ts';
import type { Margin } from './policy.ts';

export interface PerformanceEvaluation extends SignalEvaluation {
  /** The window: [startMs, endMs). Truths count by their arrival, predictions by their own time. */
  readonly startMs: number;
  readonly endMs: number;
  /** Rows with a truth and predictions, weighted; and the effective number of the first. */
  readonly labelCount: number;
  readonly labelSize: number;
  readonly predictionCount: number;
  readonly metrics: readonly MetricEvaluation[];
  readonly segments: readonly SegmentEvaluation[];
  /** Measured against estimated, on the same rows. */
  readonly concept: ConceptEvaluation;
  /** Of a regression: prediction − truth at `RESIDUAL_SHARES`. */
  readonly residuals?: { readonly reference: readonly number[]; readonly current: readonly number[] };
}

export interface SegmentEvaluation extends SignalEvaluation {
  /** `key=value`. */
  readonly segment: string;
  readonly labelCount: number;
  readonly labelSize: number;
  readonly metrics: readonly MetricEvaluation[];
}

export type BadSide = 'above' | 'below';

export interface MetricEvaluation {
  readonly metric: PerformanceMetric;
  /** Where trouble lies: on one side, or of a bias on both. */
  readonly badSides: readonly BadSide[];
  readonly measured?: MeasuredMetric;
  /** Of all predictions of the window, without their truths; absent where nothing can be expected. */
  readonly estimated?: {
    readonly value: number;
    /** How far what is measured of as many rows lies from it by chance. */
    readonly standardError?: number;
  };
  readonly reference?: { readonly value: number; readonly standardError?: number };
  /** As configured, or what the reference's own value and the margin give. Of a bias its magnitude. */
  readonly limits?: Margin;
  readonly isTarget: boolean;
  /** The values from which it is certain that a limit is passed. Of a bias their magnitude. */
  readonly thresholds?: Margin;
  /** With hysteresis. */
  readonly status: Status;
  readonly reason?: Reason;
}

export interface MeasuredMetric {
  readonly value: number;
  readonly standardError: number;
  /** Sides of the confidence sequence, widened by what bins leave open. */
  readonly lower: number;
  readonly upper: number;
  /** What bins leave open, where they do. */
  readonly binLower?: number;
  readonly binUpper?: number;
}

export interface ConceptEvaluation extends SignalEvaluation {
  readonly gaps: readonly GapEvaluation[];
  readonly detectors: readonly DetectorEvaluation[];
}

export interface GapEvaluation {
  readonly metric: PerformanceMetric;
  /** Measured less estimated. */
  readonly gap: number;
  /** Standard error of what was measured. */
  readonly noise: number;
  /** On either side of 0. */
  readonly warning: number;
  readonly critical: number;
  readonly status: Status;
}

export const DETECTORS = ['adwin', 'page_hinkley', 'cusum', 'ddm'] as const;
export type Detector = (typeof DETECTORS)[number];

export interface DetectorEvaluation {
  readonly detector: Detector;
  /** Errors that it has seen, and changes that it has found. */
  readonly seenCount: number;
  readonly changeCount: number;
  /** Arrival of the truth at which it found the last one. */
  readonly lastChangeMs?: number;
  readonly lastChange?: 'increase' | 'decrease';
}
