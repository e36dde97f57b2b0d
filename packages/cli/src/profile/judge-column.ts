/** Is this column a feature? Identifiers, free text and empty columns are not, and are left out with a reason. */
import type { TableColumn } from './table-column.ts';

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
const ID_NAME = /(^|[_\s.-])(id|uuid|guid|key)$|Id$/i;

/** @param isForced somebody named the column: it is taken, whatever it looks like */
export function judgeColumn(column: TableColumn, isForced: boolean): Judgement {
  const output = outputOf(column);
  const doubt = doubtOf(column);
  if (doubt !== undefined && !isForced) {
    const fix = `--type ${column.name}=${column.type === 'categorical' ? 'categorical' : 'numeric'} takes it`;
    return { isFeature: false, note: `left out: ${doubt}; ${fix}`, output };
  }
  const oddity = doubt ?? oddityOf(column);
  return { isFeature: true, output, ...(oddity === undefined ? {} : { note: oddity }) };
}

/** Why it is no feature. */
function doubtOf(column: TableColumn): string | undefined {
  const { type, rowCount, missingCount, typeErrorCount, distinctCount } = column;
  const presentCount = rowCount - missingCount;
  if (presentCount === 0) return 'it has no values';
  if (type === 'categorical') {
    const isMany = presentCount >= ROWS_MIN && distinctCount > DISTINCT_SHARE_MAX * presentCount;
    if (!isMany && !column.isCut) return undefined;
    if (column.lengthMean > TEXT_LENGTH_MAX) return 'it looks like free text';
    const count = `${column.isCut ? 'more than ' : ''}${distinctCount}`;
    return `it looks like an identifier (${count} values in ${presentCount} rows)`;
  }
  const countsUp = column.isInteger && column.isAscending && missingCount + typeErrorCount === 0;
  return countsUp && presentCount >= ROWS_MIN ? 'it counts up row by row, like an identifier' : undefined;
}

function oddityOf(column: TableColumn): string | undefined {
  const { name, typeErrorCount, firstTypeErrorRow } = column;
  if (typeErrorCount > 0) {
    return `${typeErrorCount} values are no numbers, the first in row ${firstTypeErrorRow}: they count as type errors; if it is a category, say --type ${name}=categorical`;
  }
  const isWhole = column.type !== 'categorical' && column.isInteger && !column.isConstant;
  return isWhole && ID_NAME.test(name)
    ? `is called like an identifier: if it is one, say --exclude ${name}`
    : undefined;
}

function outputOf({ name, type }: TableColumn): string {
  if (name === 'label' || name === 'value' || name === 'score') return name;
  return type === 'categorical' ? 'label' : 'value';
}
