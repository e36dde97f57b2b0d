/**
 * How right the model was in the table that a reference is made of: from the spools of the columns with the truth and
 * the predictions, so that memory does not grow with the rows.
 */
import {
  type ClassifiedChunk,
  classificationReference,
  type PerformanceReference,
  type RegressedChunk,
  type Rows,
  regressionReference,
} from '@leeway/engine';
import { CliError } from '../cli-error.ts';
import { CLASSES_MAX, orderedClasses } from '../performance/class-columns.ts';
import { judgeColumn } from './judge-column.ts';
import type { ProfileRequest } from './profile-table.ts';
import type { Spool } from './spool.ts';
import type { TableColumn } from './table-column.ts';

const CHUNK = 1 << 14;
/** At and above it the positive class is predicted, where no column says what was. */
const THRESHOLD = 0.5;

interface Output {
  readonly output: string;
  readonly isSaid: boolean;
  readonly column: TableColumn;
}

/** Undefined without a column of truths or of predictions; a note says why it could not be measured. */
export function referencePerformance(
  request: ProfileRequest,
  columns: readonly TableColumn[],
  notes: string[],
): PerformanceReference | undefined {
  const truth = columns.find(({ name }) => name === request.label);
  if (truth === undefined) {
    if (request.positive !== undefined)
      throw new CliError('option-invalid', `--positive ${request.positive}: without --label there are no classes`);
    return undefined;
  }
  const outputs = columns.flatMap((column): Output[] => {
    if (!request.predictions.has(column.name)) return [];
    const said = request.predictions.get(column.name);
    return [{ output: said ?? judgeColumn(column, true).output, isSaid: said !== undefined, column }];
  });
  if (outputs.length === 0) {
    notes.push(`${truth.name}: without --prediction the profile does not say how right the model was`);
    return undefined;
  }
  const made = isRegression(truth, outputs)
    ? regressionReference(truth.name, numberRows(truth, outputs[0].column))
    : classReference(request, truth, outputs, notes);
  if (made === undefined)
    notes.push(`${truth.name}: the profile does not say how right the model was: no row has both`);
  return made;
}

/** A number was predicted: said so, or not the probability of one class of two. */
function isRegression(truth: TableColumn, outputs: readonly Output[]): boolean {
  const [{ output, isSaid, column }] = outputs;
  if (outputs.length > 1 || output !== 'value' || truth.type === 'categorical') return false;
  return isSaid || classesIn(truth).size > 2 || !areProbabilities(column.spool);
}

function classReference(
  request: ProfileRequest,
  truth: TableColumn,
  outputs: readonly Output[],
  notes: string[],
): PerformanceReference | undefined {
  const label = outputs.find(({ output }) => output === 'label');
  const scoreColumn = outputs.find(({ output }) => output === 'score' || output === 'value');
  const named = outputs.filter(({ output }) => output !== 'label' && output !== 'score' && output !== 'value');
  const found = new Set([truth, ...(label === undefined ? [] : [label.column])].flatMap((one) => [...classesIn(one)]));
  if (found.size > CLASSES_MAX || (truth.type === 'categorical' && truth.isCut)) {
    notes.push(`${truth.name}: more than ${CLASSES_MAX} classes: of a number say --prediction column=value`);
    return undefined;
  }
  const classes = classesOf(request, found, named, scoreColumn !== undefined);
  if (typeof classes === 'string') {
    notes.push(`${truth.name}: the profile does not say how right the model was: ${classes}`);
    return undefined;
  }
  const columnOf = (name: string) => named.find(({ output }) => output === name)?.column;
  const [negative, positive] = classes.map(columnOf);
  const scores: readonly ScoreSource[] =
    classes.length > 2
      ? classes.flatMap((name): ScoreSource[] => {
          const column = columnOf(name);
          return column === undefined ? [] : [{ spool: column.spool, isOf: 'class' }];
        })
      : [
          positive !== undefined ? ({ spool: positive.spool, isOf: 'class' } as const) : undefined,
          scoreColumn !== undefined ? ({ spool: scoreColumn.column.spool, isOf: 'label' } as const) : undefined,
          negative !== undefined ? ({ spool: negative.spool, isOf: 'other' } as const) : undefined,
        ]
          .filter((one) => one !== undefined)
          .slice(0, 1);
  return classificationReference(truth.name, classes, scores.length, classRows(truth, label?.column, classes, scores));
}

/** What was said is insisted on; what was not, a profile can do without, and says why. */
function classesOf(
  { positive }: ProfileRequest,
  found: Set<string>,
  named: readonly Output[],
  hasScore: boolean,
): readonly string[] | string {
  const names = named.map(({ output }) => output);
  try {
    return orderedClasses(found, names, hasScore, positive);
  } catch (error) {
    if (!(error instanceof CliError) || positive !== undefined) throw error;
    return error.message;
  }
}

interface ScoreSource {
  readonly spool: Spool;
  /** Whose probability it is: that class's; the positive one's, or beside a label that of the label; the negative one's. */
  readonly isOf: 'class' | 'label' | 'other';
}

/** The chunk is reused from one call to the next. */
function classRows(
  truth: TableColumn,
  label: TableColumn | undefined,
  classes: readonly string[],
  sources: readonly ScoreSource[],
): Rows<ClassifiedChunk> {
  const actual = new Float64Array(CHUNK);
  const predicted = new Float64Array(CHUNK);
  const scores = sources.map(() => new Float64Array(CHUNK));
  const actualOf = indexOf(truth, classes);
  const predictedOf = label === undefined ? undefined : indexOf(label, classes);
  return {
    scan(visit) {
      for (let at = 0; at < truth.spool.size; at += CHUNK) {
        const count = truth.spool.readAt(at, actual);
        for (const [i, { spool }] of sources.entries()) spool.readAt(at, scores[i]);
        if (label !== undefined) label.spool.readAt(at, predicted);
        for (let row = 0; row < count; row++) {
          actual[row] = actualOf(actual[row]);
          if (predictedOf !== undefined) predicted[row] = predictedOf(predicted[row]);
          sources.forEach(({ isOf }, i) => {
            const isOther = isOf === 'other' || (isOf === 'label' && predictedOf !== undefined && predicted[row] === 0);
            if (isOther) scores[i][row] = 1 - scores[i][row];
          });
          if (predictedOf === undefined) predicted[row] = likeliest(scores, row);
        }
        visit({ count, actual, predicted, scores });
      }
    },
  };
}

/** −1 where a score is missing. */
function likeliest(scores: readonly Float64Array[], row: number): number {
  if (scores.length === 0 || scores.some((column) => Number.isNaN(column[row]))) return -1;
  if (scores.length === 1) return scores[0][row] >= THRESHOLD ? 1 : 0;
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i][row] > scores[best][row]) best = i;
  return best;
}

function numberRows(truth: TableColumn, prediction: TableColumn): Rows<RegressedChunk> {
  const truths = new Float64Array(CHUNK);
  const predictions = new Float64Array(CHUNK);
  return {
    scan(visit) {
      for (let at = 0; at < truth.spool.size; at += CHUNK) {
        const count = truth.spool.readAt(at, truths);
        prediction.spool.readAt(at, predictions);
        visit({ count, truth: truths, prediction: predictions });
      }
    },
  };
}

/** From what the spool holds to the index of the class; −1 for none. */
function indexOf(column: TableColumn, classes: readonly string[]): (value: number) => number {
  if (column.type !== 'categorical') {
    const indexes = new Map(classes.map((name, index) => [Number(name), index]));
    return (value) => indexes.get(value) ?? -1;
  }
  const byCode = column.categories.map((name) => classes.indexOf(name.trim()));
  return (code) => byCode[code] ?? -1;
}

/** Names as the performance of files has them: 1, 1.0 and "1" are one. At most one more than a model may have. */
function classesIn(column: TableColumn): Set<string> {
  if (column.type === 'categorical')
    return new Set(column.categories.slice(0, CLASSES_MAX + 1).map((name) => name.trim()));
  const values = new Set<number>();
  column.spool.scan((chunk, count) => {
    for (let i = 0; i < count && values.size <= CLASSES_MAX; i++) if (Number.isFinite(chunk[i])) values.add(chunk[i]);
  });
  return new Set([...values].map(String));
}

function areProbabilities(spool: Spool): boolean {
  let are = true;
  spool.scan((chunk, count) => {
    for (let i = 0; i < count; i++) if (chunk[i] < 0 || chunk[i] > 1) are = false;
  });
  return are;
}
