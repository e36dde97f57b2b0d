/**
 * Two profiles of shards of one data set as one. They merge only when their edges are identical: counts on different
 * bins cannot be added. Shards get identical edges by being counted on a profile made before (`frozen`).
 */
import type { ProfileDraft } from './build-profile.ts';
import { decodeHashes, encodeHashes, sortedDistinct } from './hash-list.ts';
import { PROFILE_LIMITS } from './limits.ts';
import type { CategoricalReference, ColumnReference, NumericReference, ReferenceProfile } from './profile.ts';
import { join, type Problem, Problems } from './shape.ts';

export type MergedProfile =
  | { readonly ok: true; readonly draft: ProfileDraft }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Counts, sums, moments and bounds are those of both together. Block bands, noise tables, performance and importances
 * are left out: they were measured on one part. `createdAt` and the descriptions are of `a`.
 */
export function mergeProfiles(a: ReferenceProfile, b: ReferenceProfile): MergedProfile {
  const problems = new Problems();
  if (a.model.name !== b.model.name) problems.add('/model/name', `is ${a.model.name} and ${b.model.name}`);
  const features = mergeColumns(a.features, b.features, '/features', problems);
  const outputs = mergeColumns(a.outputs, b.outputs, '/outputs', problems);
  if (problems.list.length > 0) return { ok: false, problems: problems.list };
  const { id: _id, time: _time, performance: _performance, importances: _importances, ...rest } = a;
  const files = [...(a.dataset.files ?? []), ...(b.dataset.files ?? [])];
  const dataset = { ...a.dataset, ...(files.length === 0 ? {} : { files }) };
  return { ok: true, draft: { ...rest, dataset, rowCount: a.rowCount + b.rowCount, features, outputs } };
}

function mergeColumns(
  a: readonly ColumnReference[],
  b: readonly ColumnReference[],
  path: string,
  problems: Problems,
): ColumnReference[] {
  const byName = new Map(b.map((column) => [column.name, column]));
  if (a.length !== b.length) problems.add(path, `there are ${a.length} and ${b.length} columns`);
  return a.flatMap((column, i) => {
    const at = join(path, i);
    const other = byName.get(column.name);
    if (other === undefined || other.type !== column.type) {
      problems.add(at, `${JSON.stringify(column.name)} is not a ${column.type} column of both`);
      return [];
    }
    const { blockBand: _band, noise: _noise, ...rest } = column;
    const content =
      column.numeric !== undefined
        ? { numeric: mergeNumeric(column.numeric, other.numeric!, join(at, 'numeric'), problems) }
        : { categorical: mergeCategorical(column.categorical!, other.categorical!, join(at, 'categorical'), problems) };
    const counts = {
      rowCount: column.rowCount + other.rowCount,
      missingCount: column.missingCount + other.missingCount,
      typeErrorCount: column.typeErrorCount + other.typeErrorCount,
    };
    return [{ ...rest, ...counts, ...content }];
  });
}

function mergeNumeric(a: NumericReference, b: NumericReference, path: string, problems: Problems): NumericReference {
  for (const key of ['edges', 'cuts'] as const) {
    if (!equal(a[key], b[key])) problems.add(join(path, key), 'are not identical: count both on one profile');
  }
  if (a.lower !== b.lower || a.upper !== b.upper) problems.add(path, 'winsorising limits differ');
  const sizeA = a.counts.reduce((sum, count) => sum + count, 0);
  const sizeB = b.counts.reduce((sum, count) => sum + count, 0);
  if (sizeA === 0 || sizeB === 0) return sizeA === 0 ? b : a;
  // Chan, Golub & LeVeque (1979).
  const size = sizeA + sizeB;
  const difference = b.mean - a.mean;
  const squares =
    a.standardDeviation ** 2 * (sizeA - 1) +
    b.standardDeviation ** 2 * (sizeB - 1) +
    (difference * difference * sizeA * sizeB) / size;
  return {
    ...a,
    counts: a.counts.map((count, i) => count + b.counts[i]),
    sums: a.sums.map((sum, i) => sum + b.sums[i]),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean + (difference * sizeB) / size,
    standardDeviation: Math.sqrt(Math.max(0, squares / (size - 1))),
  };
}

/** Only with the same names on both sides, in the same order: else a category would be named in one, hashed in the other. */
function mergeCategorical(
  a: CategoricalReference,
  b: CategoricalReference,
  path: string,
  problems: Problems,
): CategoricalReference {
  const same = equal(
    a.categories.map(({ name }) => name),
    b.categories.map(({ name }) => name),
  );
  if (!same) problems.add(join(path, 'categories'), 'are not identical: count both on one profile');
  const hashes = [a, b].map(({ restHashes }) => decodeHashes(restHashes ?? '') ?? new BigUint64Array(0));
  const rest = sortedDistinct(BigUint64Array.from([...hashes[0], ...hashes[1]]));
  const open = a.open || b.open || rest.length > PROFILE_LIMITS.restHashCountMax;
  return {
    categories: a.categories.map(({ name, count }, i) => ({ name, count: count + (b.categories[i]?.count ?? 0) })),
    restCount: a.restCount + b.restCount,
    distinctCount: open ? Math.max(a.distinctCount, b.distinctCount) : a.categories.length + rest.length,
    ...(open || rest.length === 0 ? {} : { restHashes: encodeHashes(rest) }),
    open,
  };
}

function equal<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
