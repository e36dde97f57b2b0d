/** A categorical column's reference from its rows: the most frequent by name, the others by hash. One scan. */
import type { ColumnInput } from './column-source.ts';
import { encodeHashes, hashNames } from './hash-list.ts';
import { PROFILE_LIMITS } from './limits.ts';
import type { CategoricalReference } from './profile.ts';

export interface BuiltCategorical {
  readonly categorical: CategoricalReference;
  readonly rowCount: number;
  /** Rows with a category. */
  readonly valueCount: number;
}

export function buildCategorical({ rows, categories = [], categoriesCut, frozen }: ColumnInput): BuiltCategorical {
  const { counts, rowCount, beyondCount } = countCategories(rows, categories.length);
  const byName = mergeSpellings(categories, counts);
  const order = frozen?.categorical?.categories.map(({ name }) => name);
  const seen = [...byName].sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1));
  const nameable = seen.filter(([name]) => name.length <= PROFILE_LIMITS.nameLengthMax);
  const named =
    order === undefined
      ? nameable.slice(0, PROFILE_LIMITS.namedCategoryCountMax)
      : order.map((name): [string, number] => [name, byName.get(name) ?? 0]);
  const names = new Set(named.map(([name]) => name));
  const rest = seen.filter(([name]) => !names.has(name));
  const restCount = rest.reduce((sum, [, count]) => sum + count, beyondCount);
  const open = categoriesCut === true || beyondCount > 0 || rest.length > PROFILE_LIMITS.restHashCountMax;
  const categorical: CategoricalReference = {
    categories: named.map(([name, count]) => ({ name, count })),
    restCount,
    distinctCount: names.size + rest.length,
    ...(open || rest.length === 0 ? {} : { restHashes: encodeHashes(hashNames(rest.map(([name]) => name))) }),
    open,
  };
  const valueCount = named.reduce((sum, [, count]) => sum + count, restCount);
  return { categorical, rowCount, valueCount };
}

function countCategories(rows: ColumnInput['rows'], categoryCount: number) {
  const counts = new Float64Array(categoryCount);
  let rowCount = 0;
  let beyondCount = 0;
  rows.scan((values, count) => {
    rowCount += count;
    for (let i = 0; i < count; i++) {
      const index = values[i];
      if (index >= 0 && index < categoryCount) counts[index]++;
      else if (index >= categoryCount) beyondCount++;
    }
  });
  return { counts, rowCount, beyondCount };
}

/** Names as UTF-8 can carry them: a lone surrogate arrives as U+FFFD, so it is one here too. */
function mergeSpellings(categories: readonly string[], counts: Float64Array): Map<string, number> {
  const byName = new Map<string, number>();
  for (let i = 0; i < categories.length; i++) {
    if (counts[i] === 0) continue;
    const name = categories[i].replace(/[\ud800-\udfff]/gu, '\ufffd');
    byName.set(name, (byName.get(name) ?? 0) + counts[i]);
  }
  return byName;
}
