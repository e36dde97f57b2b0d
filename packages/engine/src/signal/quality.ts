/**
 * Data quality of one column's window: shares of rows that break a rule, against the reference's own shares.
 *
 * Rates are tested with the exact law at α and must exceed the reference's by a margin. `constant` is reported only
 * where chance cannot make a window constant: the reference's fullest bin or category, repeated over n rows, would
 * have to be rarer than α.
 */
import type { ColumnLayout } from '../sketch/layout.ts';
import type { ColumnCounts, PaneCounts } from '../sketch/pane.ts';
import { type QualityEvaluation, type QualityRule, STATUS, type Status } from './evaluation.ts';
import { samplingVariance } from './noise-floor.ts';
import type { CompiledColumnPolicy, CompiledPolicy } from './policy.ts';
import { type RateThresholdOptions, rateThreshold } from './rate-test.ts';

/** The columns of a model mostly share n, the reference's size and a rate of 0: a few thresholds serve an evaluation. */
const MEMO_MAX = 8;

/** Every rule that applies to the column. A window below `rowsMin` is reported and not judged. */
export function qualityOf(
  column: ColumnLayout,
  window: Float64Array,
  rows: PaneCounts,
  counts: ColumnCounts,
  policy: CompiledPolicy,
): readonly QualityEvaluation[] {
  const own = policy.columns[column.index];
  const { rowCount, missingCount, typeErrorCount } = column.reference;
  const share = (part: number, whole: number): number => (whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0);
  const rate = (rule: QualityRule, weight: number, referenceCount: number): QualityEvaluation =>
    rateRule(
      rule,
      share(weight, counts.weight),
      share(referenceCount, rowCount),
      counts.effectiveSize,
      own,
      policy,
      rowCount,
    );
  const absent = share(rows.weight - counts.weight, rows.weight);
  const seesOutside = column.type === 'numeric' || own.kept.length > 0;
  const constant = constantRule(column, window, counts, own, policy);
  return [
    rate('missing', counts.missingWeight, missingCount),
    rate('type_error', counts.typeErrorWeight, typeErrorCount),
    ...(seesOutside ? [rate(column.type === 'numeric' ? 'out_of_bounds' : 'unseen', counts.outsideWeight, 0)] : []),
    ...(constant === undefined ? [] : [constant]),
    rateRule('absent', absent, 0, rows.effectiveSize, own, policy, rowCount),
  ];
}

function rateRule(
  rule: QualityRule,
  ratio: number,
  referenceRatio: number,
  size: number,
  { rowsMin, qualityMargin }: CompiledColumnPolicy,
  { qualityAlpha }: CompiledPolicy,
  referenceSize: number,
): QualityEvaluation {
  const level = (margin: number): number =>
    rememberedThreshold({ size, referenceRate: referenceRatio, referenceSize, margin, alpha: qualityAlpha });
  const warning = level(qualityMargin.warning);
  const critical = Math.max(warning, level(qualityMargin.critical));
  const status = size < rowsMin ? STATUS.insufficientData : statusOf(ratio, warning, critical);
  const noise = rateNoise(referenceRatio, size, referenceSize);
  return { rule, ratio, referenceRatio, currentSize: size, referenceSize, noise, warning, critical, status };
}

/**
 * √(p (1 − p)(1/n + 1/N)) at the reference's rate; where the reference saw none or nothing else, at the rate that it
 * cannot exclude, (c + ½) / (N + 1).
 */
function rateNoise(rate: number, size: number, referenceSize: number): number {
  const smoothed = (rate * referenceSize + 0.5) / (referenceSize + 1);
  return Math.sqrt(smoothed * (1 - smoothed) * samplingVariance(size, referenceSize));
}

/** Rows of [size, rate, reference size, margin, alpha, threshold]; the oldest is overwritten. */
const memo = new Float64Array(MEMO_MAX * 6);
let memoNext = 0;

function rememberedThreshold(options: RateThresholdOptions): number {
  const { size, referenceRate, referenceSize, margin, alpha } = options;
  for (let row = 0; row < memo.length; row += 6) {
    const same = memo[row] === size && memo[row + 1] === referenceRate && memo[row + 2] === referenceSize;
    if (same && memo[row + 3] === margin && memo[row + 4] === alpha) return memo[row + 5];
  }
  const threshold = rateThreshold(options);
  memo.set([size, referenceRate, referenceSize, margin, alpha, threshold], memoNext);
  memoNext = (memoNext + 6) % memo.length;
  return threshold;
}

/** The raw status of a score: the threshold itself is enough. */
export function statusOf(score: number, warning: number, critical: number): Status {
  if (score >= critical) return STATUS.critical;
  return score >= warning ? STATUS.warning : STATUS.ok;
}

function constantRule(
  column: ColumnLayout,
  window: Float64Array,
  counts: ColumnCounts,
  own: CompiledColumnPolicy,
  { qualityAlpha }: CompiledPolicy,
): QualityEvaluation | undefined {
  const { okEffectiveSize, okWeight } = counts;
  if (okEffectiveSize < own.rowsMin || own.referenceSize === 0) return undefined;
  const commonest = largest(column.reference.numeric?.counts ?? own.referenceCells) / own.referenceSize;
  if (commonest ** okEffectiveSize > qualityAlpha) return undefined;
  const isConstant =
    column.type === 'numeric'
      ? counts.numeric !== undefined && counts.numeric.min === counts.numeric.max
      : largestCategory(column, window) >= okWeight * (1 - 1e-12);
  const ratio = isConstant ? 1 : 0;
  const sizes = { currentSize: okEffectiveSize, referenceSize: own.referenceSize };
  // A window is constant by chance with a probability below α: there is no noise to speak of.
  const levels = { referenceRatio: 0, noise: 0, warning: 1, critical: 1 };
  return { rule: 'constant', ratio, ...sizes, ...levels, status: statusOf(ratio, 1, 1) };
}

/** Weight of the fullest cell that is one category: `other` and unseen are many. */
function largestCategory({ categorical, countsOffset }: ColumnLayout, window: Float64Array): number {
  return largest(window.subarray(countsOffset, countsOffset + categorical!.topCount));
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  return most;
}
