/**
 * What counts as drift: defaults of the design, what a user overrides, and what follows from both for one reference.
 *
 * Margins say how much is enough to matter; the false-alarm budget says how sure one must be. Both must hold.
 */
import { calendarReason } from '../reference/calendar.ts';
import type { ColumnReference, ColumnRole, ReferenceProfile } from '../reference/profile.ts';
import { referenceCellCounts } from '../sketch/cells.ts';
import { DRIFT_METRICS, type DriftMetric, QUALITY_RULES } from './evaluation.ts';
import { alphaPerTest } from './false-alarm-budget.ts';
import type { PerformancePolicy } from './performance-policy.ts';
import { referenceQuantiles } from './quantiles.ts';
import { type BandPolicy, type ReferenceBand, referenceBand } from './reference-band.ts';

export interface Margin {
  readonly warning: number;
  readonly critical: number;
}

export interface ColumnPolicy {
  /** Overrides what the reference proposes. */
  readonly monitor?: boolean;
  /** Effective rows below which a window is not judged. */
  readonly rowsMin?: number;
  /** The metric whose thresholds decide the status. A metric that needs an order is PSI for categories. */
  readonly alarmMetric?: DriftMetric;
  readonly margins?: Readonly<Partial<Record<DriftMetric, Margin>>>;
  /** Increase of a rate over the reference's own: 0.01 is one percentage point. */
  readonly qualityMargin?: Margin;
}

export interface Policy extends Omit<ColumnPolicy, 'monitor'> {
  /** Metrics that are computed, beside the one that alarms. */
  readonly metrics?: readonly DriftMetric[];
  /** False alarms that a model may raise in the period. */
  readonly falseAlarms?: number;
  readonly falseAlarmPeriodMs?: number;
  /**
   * How much the reference drifts against itself counts when the window is at least as long as the reference's blocks
   * (`block`), whatever its length (`always`: time runs faster, as in a replay), or not at all (`none`).
   */
  readonly band?: BandPolicy;
  /** A level is left below this share of its threshold … */
  readonly leaveRatio?: number;
  /** … for so many evaluations in a row. */
  readonly leaveCount?: number;
  /** Adds the 95 % interval of the true PSI. */
  readonly intervals?: boolean;
  readonly columns?: readonly (ColumnPolicy & { readonly name: string; readonly role?: ColumnRole })[];
  /** Compiled by `compilePerformancePolicy`, where the reference has labels. */
  readonly performance?: PerformancePolicy;
}

export const DEFAULT_MARGINS: Readonly<Record<DriftMetric, Margin>> = {
  psi: { warning: 0.1, critical: 0.25 },
  jensen_shannon: { warning: 0.1, critical: 0.2 },
  wasserstein: { warning: 0.1, critical: 0.25 },
  kolmogorov_smirnov: { warning: 0.1, critical: 0.2 },
  /** A statistic grows with n: its thresholds are those of PSI, divided by 1/n + 1/N. */
  chi_square: { warning: 0.1, critical: 0.25 },
  cramers_v: { warning: 0.1, critical: 0.3 },
  chebyshev: { warning: 0.1, critical: 0.2 },
  hellinger: { warning: 0.1, critical: 0.2 },
  total_variation: { warning: 0.1, critical: 0.2 },
  /** For small differences half of PSI. */
  kullback_leibler: { warning: 0.05, critical: 0.125 },
};

export const DEFAULT_METRICS: readonly DriftMetric[] = DRIFT_METRICS.filter(
  (metric) => metric !== 'total_variation' && metric !== 'kullback_leibler',
);
const ROWS_MIN = 200;
const QUALITY_MARGIN: Margin = { warning: 0.01, critical: 0.05 };
const FALSE_ALARM_PERIOD_MS = 30 * 86_400_000;
/** Rows of a reference below which nothing can be said: its own cells are noise. */
export const REFERENCE_ROWS_MIN = 100;
/** They need an order. */
const NUMERIC_METRICS: readonly DriftMetric[] = ['wasserstein', 'kolmogorov_smirnov'];

export interface CompiledPolicy {
  readonly windowMs: number;
  readonly paneMs: number;
  /** Of one drift test, and of one quality test. */
  readonly alpha: number;
  readonly qualityAlpha: number;
  readonly leaveRatio: number;
  readonly leaveCount: number;
  readonly intervals: boolean;
  /** In the order of the layout: features, then outputs. */
  readonly columns: readonly CompiledColumnPolicy[];
}

export interface CompiledColumnPolicy extends ReferenceBand {
  readonly monitored: boolean;
  readonly rowsMin: number;
  readonly alarmMetric: DriftMetric;
  readonly metrics: readonly DriftMetric[];
  readonly margins: Readonly<Record<DriftMetric, Margin>>;
  readonly qualityMargin: Margin;
  /** The reference's rows with a value, and their counts by cell. */
  readonly referenceSize: number;
  readonly referenceCells: Float64Array;
  /** At QUANTILE_SHARES; numeric columns with values only. */
  readonly referenceQuantiles?: readonly number[];
  /** Cells that are never pooled. */
  readonly kept: readonly number[];
}

/**
 * @throws RangeError naming the value and the fix: a column that the reference lacks, a margin that is not a number
 * from 0 on or above its critical one, a budget that is not positive.
 */
export function compilePolicy(
  reference: ReferenceProfile,
  policy: Policy,
  window: { readonly windowMs: number; readonly paneMs: number },
): CompiledPolicy {
  const roles = [
    ...reference.features.map((column) => ({ column, role: 'feature' as const })),
    ...reference.outputs.map((column) => ({ column, role: 'output' as const })),
  ];
  requireKnownColumns(policy, reference);
  // In a replay that runs faster a window stands for a block of the reference.
  const spanMs = policy.band === 'always' ? (reference.time?.blockMs ?? window.windowMs) : window.windowMs;
  const columns = roles.map(({ column, role }) => {
    const own = policy.columns?.find((one) => one.name === column.name && (one.role ?? role) === role) ?? {};
    const band = referenceBand(column, reference, policy.band ?? 'block', window.windowMs);
    return compileColumn(column, own, policy, band, spanMs);
  });
  const alarmCount = columns.filter(({ monitored }) => monitored).length;
  const budget = {
    falseAlarms: positive('falseAlarms', policy.falseAlarms ?? 1),
    periodMs: positive('falseAlarmPeriodMs', policy.falseAlarmPeriodMs ?? FALSE_ALARM_PERIOD_MS),
    intervalMs: positive('paneMs', window.paneMs),
  };
  return {
    windowMs: positive('windowMs', window.windowMs),
    paneMs: window.paneMs,
    alpha: alphaPerTest({ ...budget, alarmCount }),
    qualityAlpha: alphaPerTest({ ...budget, alarmCount: alarmCount * QUALITY_RULES.length }),
    leaveRatio: policy.leaveRatio ?? 0.8,
    leaveCount: policy.leaveCount ?? 2,
    intervals: policy.intervals ?? false,
    columns,
  };
}

function compileColumn(
  column: ColumnReference,
  own: ColumnPolicy,
  policy: Policy,
  band: ReferenceBand,
  spanMs: number,
): CompiledColumnPolicy {
  const usable = (metric: DriftMetric): boolean => column.numeric !== undefined || !NUMERIC_METRICS.includes(metric);
  const wanted = own.alarmMetric ?? policy.alarmMetric ?? 'psi';
  const alarmMetric = usable(wanted) ? wanted : 'psi';
  const metrics = policy.metrics ?? DEFAULT_METRICS;
  const margins = { ...DEFAULT_MARGINS, ...policy.margins, ...own.margins };
  for (const metric of DRIFT_METRICS) requireMargin(`margins.${metric}`, margins[metric]);
  const qualityMargin = own.qualityMargin ?? policy.qualityMargin ?? QUALITY_MARGIN;
  requireMargin('qualityMargin', qualityMargin);
  const referenceCells = referenceCellCounts(column);
  const quantiles = referenceQuantiles(column);
  const hasUnseen = column.categorical?.open === false;
  return {
    monitored: own.monitor ?? proposed(column, spanMs),
    rowsMin: positive('rowsMin', own.rowsMin ?? policy.rowsMin ?? ROWS_MIN),
    alarmMetric,
    metrics: DRIFT_METRICS.filter((metric) => usable(metric) && (metric === alarmMetric || metrics.includes(metric))),
    margins,
    qualityMargin,
    ...band,
    referenceSize: column.rowCount - column.missingCount - column.typeErrorCount,
    referenceCells,
    ...(quantiles === undefined ? {} : { referenceQuantiles: quantiles }),
    kept: hasUnseen ? [referenceCells.length - 1] : [],
  };
}

/** A calendar feature goes by the window that is used, not by the one that the reference was made for. */
function proposed({ monitor, calendar }: ColumnReference, spanMs: number): boolean {
  return calendar === undefined ? monitor : calendarReason(calendar, spanMs) === undefined;
}

function requireKnownColumns({ columns = [] }: Policy, { features, outputs, model }: ReferenceProfile): void {
  for (const { name, role } of columns) {
    const known = [...(role === 'output' ? [] : features), ...(role === 'feature' ? [] : outputs)];
    if (known.some((column) => column.name === name)) continue;
    const names = known.slice(0, 20).map((column) => column.name);
    throw new RangeError(
      `no column ${JSON.stringify(name)} in the reference of ${model.name}: use ${names.join(', ')}`,
    );
  }
}

function requireMargin(key: string, { warning, critical }: Margin): void {
  if (warning >= 0 && critical >= warning && Number.isFinite(critical)) return;
  throw new RangeError(`${key} is ${warning} and ${critical}: use 0 ≤ warning ≤ critical`);
}

function positive(key: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${key} is ${value}: use a number above 0`);
}
