/** What changed from one reference to another. */
import { type ColumnReference, cellLabels, psi, type ReferenceProfile, referenceCellCounts } from '@leeway/engine';

export interface ColumnDifference {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'type' | 'distribution' | 'monitor';
  readonly detail: string;
  /** Where both have the same cells. */
  readonly psi?: number;
}

const PSI_SHOWN = 0.01;
/** Columns that came, went, or changed their type, their distribution or whether they are monitored. */
export function differencesOf(before: ReferenceProfile, after: ReferenceProfile): ColumnDifference[] {
  const columns = ({ features, outputs }: ReferenceProfile) =>
    new Map(
      [...features, ...outputs.map((column) => ({ ...column, name: `→ ${column.name}` }))].map((column) => [
        column.name,
        column,
      ]),
    );
  const old = columns(before);
  const young = columns(after);
  const differences: ColumnDifference[] = [];
  for (const [name, column] of young) {
    const was = old.get(name);
    if (was === undefined) differences.push({ name, change: 'added', detail: column.type });
    else differences.push(...compare(name, was, column));
  }
  for (const [name, { type }] of old) if (!young.has(name)) differences.push({ name, change: 'removed', detail: type });
  return differences;
}

function compare(name: string, was: ColumnReference, is: ColumnReference): ColumnDifference[] {
  if (was.type !== is.type) return [{ name, change: 'type', detail: `${was.type} → ${is.type}` }];
  const monitor: ColumnDifference[] =
    was.monitor === is.monitor
      ? []
      : [
          {
            name,
            change: 'monitor',
            detail: is.monitor ? 'is monitored now' : `no longer monitored: ${is.reason ?? ''}`,
          },
        ];
  if (JSON.stringify(cellLabels(was)) === JSON.stringify(cellLabels(is))) {
    const score = psi(referenceCellCounts(was), referenceCellCounts(is));
    return score < PSI_SHOWN
      ? monitor
      : [
          ...monitor,
          { name, change: 'distribution', detail: `PSI ${score.toFixed(4)} ${summary(was, is)}`, psi: score },
        ];
  }
  const detail = summary(was, is);
  return detail === '' ? monitor : [...monitor, { name, change: 'distribution', detail }];
}

/** Where the cells differ PSI cannot be taken; position and spread can. */
function summary(was: ColumnReference, is: ColumnReference): string {
  if (was.numeric !== undefined && is.numeric !== undefined) {
    const short = (value: number) => Number(value.toPrecision(4));
    const shift = (is.numeric.mean - was.numeric.mean) / (was.numeric.standardDeviation || 1);
    return `mean ${short(was.numeric.mean)} → ${short(is.numeric.mean)} (${shift >= 0 ? '+' : ''}${shift.toFixed(2)} σ), σ ${short(was.numeric.standardDeviation)} → ${short(is.numeric.standardDeviation)}`;
  }
  const names = ({ categorical }: ColumnReference) => new Set(categorical?.categories.map(({ name }) => name));
  const gone = [...names(was)].filter((name) => !names(is).has(name));
  const come = [...names(is)].filter((name) => !names(was).has(name));
  if (gone.length + come.length === 0) return 'other order of the same categories';
  return [
    ...(come.length > 0 ? [`new: ${come.slice(0, 5).join(', ')}`] : []),
    ...(gone.length > 0 ? [`gone: ${gone.slice(0, 5).join(', ')}`] : []),
  ].join('; ');
}
