/** Is this column a feature? Identifiers, free text and empty columns are not, and are left out with a reason. */
import { CATEGORIES_MAX, type TableColumn } from './table-column.ts';

export interface Judgement {
  readonly isFeature: boolean;
  /** Why not, or what is odd, with the fix. */
  readonly note?: string;
  /** The output that a prediction column is, unless it is said. */
  readonly output: string;
}

const ROWS_MIN = 50;
const DISTINCT_SHARE_MAX = 0.5;
const TEXT_LENGTH_MAX = 40;
const ID_NAME = /(^|[_\s.-])(id|uuid|guid|key)$|Id$/;

export function judgeColumn(column: TableColumn): Judgement {
  const output = outputOf(column);
  const { name, rowCount, missingCount } = column;
  const present = rowCount - missingCount;
  const keep = `force it with --only or --type ${name}=${column.type === 'categorical' ? 'categorical' : 'numeric'}`;
  if (present === 0) return { isFeature: false, note: `left out: it has no values; ${keep}`, output };
  if (column.type === 'categorical') {
    const distinctShare = column.distinctCount / present;
    const isMany =
      present >= ROWS_MIN && (distinctShare > DISTINCT_SHARE_MAX || column.distinctCount >= CATEGORIES_MAX);
    if (isMany && column.lengthMean > TEXT_LENGTH_MAX)
      return { isFeature: false, note: `left out: it looks like free text; ${keep}`, output };
    if (isMany)
      return {
        isFeature: false,
        note: `left out: it looks like an identifier (${column.distinctCount} values in ${present} rows); ${keep}`,
        output,
      };
  } else if (
    column.isInteger &&
    column.isAscending &&
    present >= ROWS_MIN &&
    (ID_NAME.test(name) || present === rowCount)
  ) {
    return { isFeature: false, note: `left out: it counts up row by row, like an identifier; ${keep}`, output };
  }
  if (column.typeErrorCount > 0) {
    const note = `${column.typeErrorCount} values are no numbers, the first in row ${column.firstTypeErrorRow}: they count as type errors; if it is a category, say --type ${name}=categorical`;
    return { isFeature: true, note, output };
  }
  if (column.isConstant) return { isFeature: true, note: 'has one value only: sketched, not monitored', output };
  return { isFeature: true, output };
}

function outputOf({ name, type }: TableColumn): string {
  if (name === 'label' || name === 'value' || name === 'score') return name;
  return type === 'categorical' ? 'label' : 'value';
}
