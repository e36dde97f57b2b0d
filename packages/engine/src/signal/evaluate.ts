/**
 * One window against its reference: every column's scores and quality, and what they say of the model.
 *
 * Stateless: statuses are those of this window alone. `Monitor` adds the memory that keeps an alarm from flapping.
 */
import type { PaneLayout } from '../sketch/layout.ts';
import { type ColumnCounts, columnCounts, type PaneCounts, paneCounts } from '../sketch/pane.ts';
import { driftScores } from './drift-scores.ts';
import {
  type ColumnEvaluation,
  type DriftScore,
  type Evaluation,
  type Reason,
  STATUS,
  type Status,
} from './evaluation.ts';
import { type CompiledPolicy, REFERENCE_ROWS_MIN } from './policy.ts';
import { qualityOf, statusOf } from './quality.ts';
import { windowQuantiles } from './quantiles.ts';
import { bandOfWindow } from './reference-band.ts';
import { rollUp, unreferencedSignals } from './roll-up.ts';
import type { WindowView } from './window-ring.ts';

/** Judges a window. Every number in the result is finite; nothing throws, whatever was observed. */
export function evaluate(layout: PaneLayout, policy: CompiledPolicy, window: WindowView): Evaluation {
  const rows = paneCounts(window.state);
  const columns = layout.columns.map((_, index) => evaluateColumn(layout, policy, window, rows, index));
  const { startMs, endMs } = window;
  return { startMs, endMs, rowCount: rows.rows, signals: rollUp(columns), columns };
}

/** A model that no reference applies to: counted, shown, not judged. */
export function evaluateUnreferenced(window: {
  readonly startMs: number;
  readonly endMs: number;
  readonly rowCount: number;
}): Evaluation {
  return { ...window, signals: unreferencedSignals(), columns: [] };
}

function evaluateColumn(
  layout: PaneLayout,
  policy: CompiledPolicy,
  window: WindowView,
  rows: PaneCounts,
  index: number,
): ColumnEvaluation {
  const column = layout.columns[index];
  const own = policy.columns[index];
  const counts = columnCounts(layout, window.state, index);
  const base = {
    name: column.name,
    role: column.role,
    monitored: own.monitored,
    currentSize: counts.okEffectiveSize,
    referenceSize: own.referenceSize,
  };
  const whole = obstacle(window, rows);
  if (whole !== undefined) {
    const [status, reason] = own.monitored ? whole : NOT_MONITORED;
    return { ...base, scores: [], quality: [], status, reason };
  }
  const quality = qualityOf(column, window.state, rows, counts, policy);
  const current = windowQuantiles(column, window.state);
  const reference = own.referenceQuantiles;
  const quantiles = current === undefined || reference === undefined ? {} : { quantiles: { reference, current } };
  const shown = { ...base, quality, ...quantiles };
  const blocked = columnObstacle(counts, rows, own.rowsMin, own.referenceSize);
  if (blocked !== undefined) {
    const [status, reason] = own.monitored ? blocked : NOT_MONITORED;
    return { ...shown, scores: [], status, reason };
  }
  const band = bandOfWindow(own, window.startMs, window.endMs);
  const size = { weight: counts.okWeight, effectiveSize: counts.okEffectiveSize, band };
  const { scores, cellCount } = driftScores(layout, window.state, index, policy, size);
  const alarming = scores.find(({ alarms }) => alarms);
  const [status, reason] = verdict(own.monitored, alarming);
  return { ...shown, scores: own.monitored ? scores : silent(scores), cellCount, status, ...(reason && { reason }) };
}

type Verdict = readonly [status: Status, reason?: Reason];
const NOT_MONITORED: Verdict = [STATUS.noData, 'not_monitored'];

/** What keeps the whole window from being judged. */
function obstacle({ filled }: WindowView, { rows }: PaneCounts): Verdict | undefined {
  if (rows === 0) return [STATUS.noData, 'no_rows'];
  return filled ? undefined : [STATUS.insufficientData, 'filling'];
}

/** What keeps one column from being compared. A column that never came, though enough rows did, is a schema mismatch. */
function columnObstacle(
  counts: ColumnCounts,
  rows: PaneCounts,
  rowsMin: number,
  referenceSize: number,
): Verdict | undefined {
  if (rows.effectiveSize >= rowsMin && counts.rows === 0) return [STATUS.schemaMismatch, 'schema'];
  if (counts.okEffectiveSize < rowsMin) return [STATUS.insufficientData, 'few_rows'];
  return referenceSize < REFERENCE_ROWS_MIN ? [STATUS.insufficientData, 'few_reference_rows'] : undefined;
}

function verdict(monitored: boolean, alarming: DriftScore | undefined): Verdict {
  if (!monitored) return NOT_MONITORED;
  if (alarming === undefined) return [STATUS.insufficientData, 'few_cells'];
  return [statusOf(alarming.score, alarming.warning, alarming.critical)];
}

function silent(scores: readonly DriftScore[]): readonly DriftScore[] {
  return scores.map((score) => ({ ...score, alarms: false }));
}
