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
const TEXT_DISTINCT_MAX = 100;
/** Pairs of equal values that chance would have made in the sample, had the numbers been drawn from their range. */
const EXPECTED_PAIRS_MIN = 10;
const ID_NAME = /(^|[_\s.-])(id|uuid|guid|key)$|Id$/i;
const ISO_DATE = /^\d{4}-\d\d-\d\d/;

/**
 * @param isForced somebody named the column: it is taken, whatever it looks like
 * @param place where its first type error stands
 */
export function judgeColumn(column: TableColumn, isForced: boolean, place?: string): Judgement {
  const output = outputOf(column);
  const doubt = doubtOf(column);
  if (doubt !== undefined && !isForced) {
    const fix = `--type ${column.name}=${column.type === 'categorical' ? 'categorical' : 'numeric'} takes it`;
    return { isFeature: false, note: `left out: ${doubt}; ${fix}`, output };
  }
  const oddity = doubt ?? oddityOf(column, place);
  return { isFeature: true, output, ...(oddity === undefined ? {} : { note: oddity }) };
}

/** Why it is no feature. */
function doubtOf(column: TableColumn): string | undefined {
  const { type, rowCount, missingCount } = column;
  const presentCount = rowCount - missingCount;
  if (presentCount === 0) return 'it has no values';
  return type === 'categorical' ? textDoubt(column, presentCount) : numberDoubt(column, presentCount);
}

function textDoubt(column: TableColumn, presentCount: number): string | undefined {
  const { distinctCount, lengthMean, isCut } = column;
  const isMany = isCut || (presentCount >= ROWS_MIN && distinctCount > DISTINCT_SHARE_MAX * presentCount);
  const isText = lengthMean > TEXT_LENGTH_MAX;
  if (isText && (isMany || distinctCount > TEXT_DISTINCT_MAX)) return 'it looks like free text';
  if (!isMany) return undefined;
  return `it looks like an identifier (${isCut ? 'more than ' : ''}${distinctCount} values in ${presentCount} rows)`;
}

/**
 * Whole numbers of which no two are equal are identifiers if chance would have made some equal: n numbers drawn from a
 * range of r make about n²/2r pairs. Amounts and time stamps have a range so wide that none is expected.
 */
function numberDoubt(column: TableColumn, presentCount: number): string | undefined {
  const { isInteger, isAscending, missingCount, typeErrorCount, sample, name } = column;
  if (!isInteger || presentCount < ROWS_MIN) return undefined;
  if (isAscending && missingCount + typeErrorCount === 0) return 'it counts up row by row, like an identifier';
  if (sample.distinctCount < sample.wholeCount || sample.wholeCount < ROWS_MIN) return undefined;
  const range = sample.maximum - sample.minimum + 1;
  const expectedPairs = sample.wholeCount ** 2 / (2 * range);
  return expectedPairs >= EXPECTED_PAIRS_MIN || ID_NAME.test(name)
    ? `it looks like an identifier (${sample.wholeCount} different whole numbers in as many rows)`
    : undefined;
}

function oddityOf(column: TableColumn, place: string | undefined): string | undefined {
  const { name, typeErrorCount, missingWordCount, missingWord } = column;
  if (typeErrorCount > 0)
    return `${typeErrorCount} values are no numbers and count as type errors, the first ${place === undefined ? 'is unknown' : `at ${place}`}; if it is a category, say --type ${name}=categorical`;
  if (missingWordCount > 0)
    return `${missingWordCount} rows say ${missingWord}: it counts as a category; where it means "no value", leave the cell empty`;
  if (column.type === 'categorical' && ISO_DATE.test(column.categories[0] ?? ''))
    return `looks like a time: --time ${name} takes it as that, --exclude ${name} leaves it out`;
  const { sample } = column;
  const isWhole = column.type !== 'categorical' && column.isInteger && !column.isConstant;
  const isUnique = sample.wholeCount >= ROWS_MIN && sample.distinctCount === sample.wholeCount;
  return isWhole && (ID_NAME.test(name) || isUnique)
    ? `may be an identifier: if it is one, say --exclude ${name}`
    : undefined;
}

function outputOf({ name, type }: TableColumn): string {
  if (name === 'label' || name === 'value' || name === 'score') return name;
  return type === 'categorical' ? 'label' : 'value';
}
