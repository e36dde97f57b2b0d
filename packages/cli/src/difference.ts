/**
 * What changed from one reference to another, and whether it matters: distributions are judged as the sidecar would
 * judge a window of the later one against the earlier one, so that two samples of the same traffic do not differ.
 */
import {
  type ColumnReference,
  DEFAULT_MARGINS,
  driftThreshold,
  poolCells,
  psi,
  type ReferenceProfile,
  referenceCellCounts,
} from '@leeway/engine';
import { afterInCellsOf } from './rebin.ts';

export interface Difference {
  /** A column; outputs begin with an arrow. Empty for the profile as a whole. */
  readonly name: string;
  readonly change:
    | 'added'
    | 'removed'
    | 'type'
    | 'distribution'
    | 'missing'
    | 'type_errors'
    | 'monitor'
    | 'model'
    | 'owner';
  readonly detail: string;
  /** Whether it is more than chance and more than the margin of a warning. Only such differences decide the exit code. */
  readonly matters: boolean;
  readonly psi?: number;
  /** PSI that two samples of one distribution would have in the mean. */
  readonly noise?: number;
}

/** A false alarm of one column in a thousand comparisons. */
const ALPHA = 0.001;
/** Shares of missing values and type errors: one percentage point, as data quality warns. */
const RATE_MARGIN = 0.01;
const CATEGORIES_SHOWN = 5;

/** All differences, in the order of the later reference's columns. */
export function differencesOf(before: ReferenceProfile, after: ReferenceProfile): Difference[] {
  const old = columnsOf(before);
  const young = columnsOf(after);
  const differences = [...modelDifferences(before, after)];
  for (const [name, column] of young) {
    const was = old.get(name);
    if (was === undefined) differences.push({ name, change: 'added', detail: column.type, matters: true });
    else differences.push(...columnDifferences(name, was, column));
  }
  for (const [name, { type }] of old)
    if (!young.has(name)) differences.push({ name, change: 'removed', detail: type, matters: true });
  return differences;
}

function columnsOf({ features, outputs }: ReferenceProfile): Map<string, ColumnReference> {
  return new Map([
    ...features.map((column) => [column.name, column] as const),
    ...outputs.map((column) => [`→ ${column.name}`, column] as const),
  ]);
}

function* modelDifferences(before: ReferenceProfile, after: ReferenceProfile): Generator<Difference> {
  const pairs = [
    ['model', 'model', before.model.name, after.model.name, true],
    ['version', 'model', before.model.version, after.model.version, false],
    ['rows', 'model', before.rowCount, after.rowCount, false],
    ['owner', 'owner', before.model.owner, after.model.owner, false],
  ] as const;
  for (const [what, change, was, is, matters] of pairs)
    if (was !== is) yield { name: '', change, detail: `${what} ${shown(was)} → ${shown(is)}`, matters };
}

function* columnDifferences(name: string, was: ColumnReference, is: ColumnReference): Generator<Difference> {
  if (was.type !== is.type) {
    yield { name, change: 'type', detail: `${was.type} → ${is.type}`, matters: true };
    return;
  }
  if (was.monitor !== is.monitor) {
    const detail = is.monitor ? 'is monitored now' : `no longer monitored: ${is.reason ?? ''}`;
    yield { name, change: 'monitor', detail, matters: true };
  }
  if (was.owner !== is.owner)
    yield { name, change: 'owner', detail: `${shown(was.owner)} → ${shown(is.owner)}`, matters: false };
  yield* rateDifferences(name, 'missing', was.missingCount / was.rowCount, is.missingCount / is.rowCount);
  yield* rateDifferences(name, 'type_errors', was.typeErrorCount / was.rowCount, is.typeErrorCount / is.rowCount);
  yield* distributionDifferences(name, was, is);
}

function* rateDifferences(
  name: string,
  change: 'missing' | 'type_errors',
  was: number,
  is: number,
): Generator<Difference> {
  const difference = Math.abs(is - was);
  if (difference < RATE_MARGIN / 10) return;
  yield { name, change, detail: `${percent(was)} → ${percent(is)} of rows`, matters: difference >= RATE_MARGIN };
}

function* distributionDifferences(name: string, was: ColumnReference, is: ColumnReference): Generator<Difference> {
  const reference = referenceCellCounts(was);
  const current = afterInCellsOf(was, is);
  const [referenceSize, currentSize] = [total(reference), total(current)];
  if (referenceSize === 0 || currentSize === 0) return;
  const unseen = was.categorical === undefined || was.categorical.open ? [] : [reference.length - 1];
  const cells = poolCells(reference, current, Math.min(referenceSize, currentSize), { keep: unseen });
  const score = psi(cells.reference, cells.current);
  const law = { cellCount: cells.cellCount, currentSize, referenceSize, alpha: ALPHA, delta: 0 };
  // Below what chance makes of two samples of one distribution there is nothing to say.
  if (score < driftThreshold({ ...law, margin: 0 })) return;
  const noise = (cells.cellCount - 1) * (1 / currentSize + 1 / referenceSize);
  const matters = score >= driftThreshold({ ...law, margin: DEFAULT_MARGINS.psi.warning });
  const detail = `PSI ${score.toFixed(4)} (noise ${noise.toFixed(4)}), ${shift(was, is)}`;
  yield { name, change: 'distribution', detail, matters, psi: score, noise };
}

function shift(was: ColumnReference, is: ColumnReference): string {
  if (was.numeric !== undefined && is.numeric !== undefined) {
    const moved = (is.numeric.mean - was.numeric.mean) / (was.numeric.standardDeviation || 1);
    const spread = `σ ${short(was.numeric.standardDeviation)} → ${short(is.numeric.standardDeviation)}`;
    return `mean ${short(was.numeric.mean)} → ${short(is.numeric.mean)} (${moved >= 0 ? '+' : ''}${moved.toFixed(2)} σ), ${spread}`;
  }
  const [old, young] = [sharesOf(was), sharesOf(is)];
  const moved = [...new Set([...old.keys(), ...young.keys()])]
    .map((name) => ({ name, from: old.get(name) ?? 0, to: young.get(name) ?? 0 }))
    .sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from));
  return moved
    .slice(0, CATEGORIES_SHOWN)
    .map(({ name, from, to }) => `${name} ${percent(from)} → ${percent(to)}`)
    .join(', ');
}

function sharesOf({ categorical, rowCount, missingCount }: ColumnReference): Map<string, number> {
  const presentCount = Math.max(1, rowCount - missingCount);
  return new Map(categorical?.categories.map(({ name, count }) => [name, count / presentCount]));
}

const total = (counts: ArrayLike<number>): number => Array.from(counts).reduce((sum, count) => sum + count, 0);
const short = (value: number): number => Number(value.toPrecision(4));
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const shown = (value: string | number | undefined): string =>
  value === undefined ? '–' : typeof value === 'number' ? value.toLocaleString('en-US') : value;
