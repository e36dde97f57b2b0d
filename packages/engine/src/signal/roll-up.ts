/** From columns to the signals of a model: the worst that was judged, and never green without a judgement. */
import {
  COLUMN_SIGNALS,
  type ColumnEvaluation,
  type ColumnSignal,
  type Reason,
  type SignalEvaluation,
  STATUS,
  type Status,
} from './evaluation.ts';

/** What outweighs what: an alarm everything, a missing column the columns that are well. */
const PRECEDENCE: readonly Status[] = [
  STATUS.critical,
  STATUS.warning,
  STATUS.schemaMismatch,
  STATUS.ok,
  STATUS.insufficientData,
  STATUS.stale,
  STATUS.noData,
];

export interface Verdict {
  readonly status: Status;
  readonly reason?: Reason;
}

export function rollUp(columns: readonly ColumnEvaluation[]): Readonly<Record<ColumnSignal, SignalEvaluation>> {
  const monitored = columns.filter((column) => column.monitored);
  const ofRole = (role: ColumnEvaluation['role']): ColumnEvaluation[] => monitored.filter((one) => one.role === role);
  return {
    data_drift: worst(ofRole('feature')),
    prediction_drift: worst(ofRole('output')),
    data_quality: worst(monitored.map(qualityVerdict)),
  };
}

/** Signals of a model without a reference. */
export function unreferencedSignals(): Readonly<Record<ColumnSignal, SignalEvaluation>> {
  const none: SignalEvaluation = {
    status: STATUS.insufficientData,
    reason: 'no_reference',
    warningCount: 0,
    criticalCount: 0,
  };
  return Object.fromEntries(COLUMN_SIGNALS.map((signal) => [signal, none])) as Record<ColumnSignal, SignalEvaluation>;
}

/** The worst rule of a column; a column without judged rules says why it has none. */
function qualityVerdict({ quality, status, reason }: ColumnEvaluation): Verdict {
  if (quality.length === 0) return { status, reason };
  const worstRule = first(quality);
  return worstRule.status === STATUS.insufficientData ? { status: worstRule.status, reason: 'few_rows' } : worstRule;
}

/** The worst that was judged; how many are at which level. */
export function worst(verdicts: readonly Verdict[]): SignalEvaluation {
  if (verdicts.length === 0) {
    return { status: STATUS.insufficientData, reason: 'no_reference', warningCount: 0, criticalCount: 0 };
  }
  const { status, reason } = first(verdicts);
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    warningCount: verdicts.filter((verdict) => verdict.status >= STATUS.warning).length,
    criticalCount: verdicts.filter((verdict) => verdict.status === STATUS.critical).length,
  };
}

function first<T extends Verdict>(verdicts: readonly T[]): T {
  return verdicts.reduce((a, b) => (PRECEDENCE.indexOf(b.status) < PRECEDENCE.indexOf(a.status) ? b : a));
}
