/**
 * The reference profile: what is known of the data that current traffic is compared with. It holds no rows.
 *
 * Bins: k edges make k + 1 half-open bins (−∞, e₀), [e₀, e₁), … [eₖ₋₁, ∞). A value v with much mass has a bin of its
 * own, [v, nextUp(v)).
 */
import type { CalibrationMap } from '../performance/isotonic.ts';
import type { PerformanceMetric } from '../performance/performance-metric.ts';

/**
 * Version 2 added `windowMs`, `calendar`, and the bands by hour and of longer windows; version 3 `performance` and
 * `importances`. A profile has the lowest version that holds what it says, so that earlier readers can read it; of an
 * earlier version what is lacking is absent.
 */
export const PROFILE_SCHEMA_VERSIONS = [1, 2, 3] as const;

export const COLUMN_TYPES = ['numeric', 'categorical'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export const COLUMN_ROLES = ['feature', 'output'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

export interface ReferenceProfile {
  readonly schemaVersion: (typeof PROFILE_SCHEMA_VERSIONS)[number];
  /** `sha256:` and the hex digest of the canonical JSON (RFC 8785) without `id` and `createdAt`. */
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** training, recent … */
  readonly name: string;
  readonly model: ModelDescription;
  readonly dataset: DatasetDescription;
  /** Length of the windows that the profile was made for. */
  readonly windowMs?: number;
  /** Present when a time column was given. */
  readonly time?: TimeDescription;
  readonly rowCount: number;
  readonly features: readonly ColumnReference[];
  /** Named by output: `score`, `value`, `label`, or a class for `ml.prediction.scores.<class>`. */
  readonly outputs: readonly ColumnReference[];
  /** How right the model was in the reference; where it has labels. */
  readonly performance?: PerformanceReference;
  /** What the model goes by in the reference. */
  readonly importances?: ImportanceReference;
}

export interface PerformanceReference {
  /** Name of the column with the truth. */
  readonly truth: string;
  /** Rows with a truth. */
  readonly rowCount: number;
  readonly classification?: ClassificationReference;
  readonly regression?: RegressionReference;
  /** Measured on the reference; standard errors by the grouped jackknife. */
  readonly metrics: readonly {
    readonly metric: PerformanceMetric;
    readonly value: number;
    readonly standardError?: number;
  }[];
}

export interface ClassificationReference {
  /** 2 to 100 names in order; of two, the second is the positive one. */
  readonly classes: readonly string[];
  /** As `classificationLayout` expects them: edges of each score's histogram. Empty without scores. */
  readonly scoreEdges: readonly (readonly number[])[];
  /** Of each score: what a score is worth. As many as `scoreEdges`; an empty map leaves the score as it is. */
  readonly calibration: readonly CalibrationMap[];
}

export interface RegressionReference {
  /** Mean of the truth. */
  readonly center: number;
  /** A truth below it in magnitude has no percentage. */
  readonly nearZero: number;
  /** Of prediction − truth: edges of its histogram. */
  readonly residualEdges: readonly number[];
  /** What predictions of one size lost: means by bin of the prediction, one more than edges. */
  readonly loss: {
    readonly edges: readonly number[];
    readonly absolute: readonly number[];
    readonly squared: readonly number[];
    readonly signed: readonly number[];
  };
}

export interface ImportanceReference {
  /** permutation: loss of performance with a feature shuffled; attributions: mean |attribution| as explained; given. */
  readonly method: (typeof IMPORTANCE_METHODS)[number];
  /** Rows that they are of. */
  readonly rowCount: number;
  /** Most important first. Features that it does not name have no importance. */
  readonly features: readonly { readonly name: string; readonly value: number; readonly standardError?: number }[];
}

export const IMPORTANCE_METHODS = ['permutation', 'attributions', 'given'] as const;

export interface ModelDescription {
  readonly name: string;
  readonly version?: string;
  readonly task?: string;
  readonly owner?: string;
  readonly tier?: string;
}

export interface DatasetDescription {
  readonly name?: string;
  readonly version?: string;
  readonly files?: readonly { readonly name: string; readonly sha256: string; readonly bytes: number }[];
}

export interface TimeDescription {
  readonly column: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of the blocks that the block bands were measured on. */
  readonly blockMs: number;
  readonly blockCount: number;
}

export interface ColumnReference {
  readonly name: string;
  readonly type: ColumnType;
  /** False: sketched and shown, but no status and no alarm. `reason` says why. */
  readonly monitor: boolean;
  readonly reason?: string;
  /**
   * A calendar feature that nobody decided upon: it is monitored in windows that are at least as long as its cycle,
   * whatever `monitor` says of the window that the profile was made for.
   */
  readonly calendar?: CalendarFeature;
  readonly owner?: string;
  readonly source?: string;
  readonly description?: string;
  /** Rows of the reference, and how many of them had no value or an unconvertible one. */
  readonly rowCount: number;
  readonly missingCount: number;
  readonly typeErrorCount: number;
  readonly numeric?: NumericReference;
  readonly categorical?: CategoricalReference;
  /** How much the reference drifts against itself from block to block (PSI, noise removed). Absent without time. */
  readonly blockBand?: BlockBand;
  /** Quantiles of a metric's sampling noise over n, for metrics without a formula. */
  readonly noise?: readonly NoiseTable[];
}

export interface NumericReference {
  /** Strictly ascending. About 110. */
  readonly edges: readonly number[];
  /** Rows in each of the `edges.length + 1` bins. */
  readonly counts: readonly number[];
  /** Sum of the values in each bin. */
  readonly sums: readonly number[];
  /** Indexes into `edges` of the edges between the cells that are compared and exported (B = 10). */
  readonly cuts: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** ddof 1. */
  readonly standardDeviation: number;
  /** Reference p0.1 and p99.9: the winsorising limits of the Wasserstein distance. Both are edges. */
  readonly lower: number;
  readonly upper: number;
}

export interface CategoricalReference {
  /** Most frequent first, at most 100; the first 20 are cells of their own. */
  readonly categories: readonly { readonly name: string; readonly count: number }[];
  /** Rows of categories beyond those named. */
  readonly restCount: number;
  readonly distinctCount: number;
  /** Base64 of the ascending 64-bit hashes (little-endian) of the categories that are not named, at most 100,000. */
  readonly restHashes?: string;
  /** True when there were more categories than hashes: then `other` and unseen are one cell. */
  readonly open: boolean;
}

export interface CalendarFeature {
  /** hour, day of week, month … */
  readonly what: string;
  readonly cycleMs: number;
}

/** Distances are PSI of blocks to all others together, noise removed. */
export interface BlockBand {
  /** Of blocks of `time.blockMs`. */
  readonly psi: number;
  readonly blockCount: number;
  /** Blocks that were left out because there were too many. */
  readonly droppedBlockCount?: number;
  /** By hour of the day or of the week, where blocks are shorter than a day. */
  readonly slots?: BandSlots;
  /** Of blocks that are longer than `time.blockMs`. */
  readonly longer?: readonly { readonly blockMs: number; readonly psi: number; readonly blockCount: number }[];
}

/** Slot i begins at i × (periodMs / psi.length) after a multiple of `periodMs` since 1970 (UTC; weeks from Thursday). */
export interface BandSlots {
  readonly periodMs: number;
  readonly psi: readonly number[];
}

export interface NoiseTable {
  readonly metric: string;
  /** Window sizes and, for each, the mean and the .95, .99 and .999 quantiles of the metric under no drift. */
  readonly sizes: readonly number[];
  readonly means: readonly number[];
  readonly q95: readonly number[];
  readonly q99: readonly number[];
  readonly q999: readonly number[];
}
