/** How the columns of a table are read as classes, predictions and probabilities. */
import { nearest } from '@leeway/sidecar/config';
import { CliError } from '../cli-error.ts';
import type { LabelledRows, RowColumn } from './labelled-rows.ts';

export interface ClassColumns {
  /** By row: index of the class that was true, −1 where it is not known. */
  readonly actual: Int32Array;
  readonly predicted: Int32Array;
  /** Of two classes the positive one's probability, of more each class's; empty without scores. */
  readonly scores: readonly Float64Array[];
}

export const CLASSES_MAX = 100;
/** At and above it the positive class is predicted, where no column says what was. */
const THRESHOLD = 0.5;
const POSITIVE_WORDS = ['1', 'true', 'yes', 'y', 'positive', 'pos', 't'];

/**
 * The classes, the positive one last where there are two.
 *
 * @param tables whose rows together have all the classes
 * @throws CliError when the columns do not say what the classes are
 */
export function classNames(tables: readonly LabelledRows[], positive: string | undefined): readonly string[] {
  const named = namedClasses(tables[0]);
  const found = new Set<string>();
  for (const { truth, outputs } of tables)
    for (const column of [truth, outputs.get('label')]) for (const name of column?.classes ?? []) found.add(name);
  return orderedClasses(found, named, tables[0].outputs.has('score'), positive);
}

/**
 * @param found names of the classes that were true or predicted
 * @param named classes that have a column of scores
 * @throws CliError when they do not fit together
 */
export function orderedClasses(
  found: Set<string>,
  named: readonly string[],
  hasScore: boolean,
  positive: string | undefined,
): readonly string[] {
  const [only] = named;
  // Of several, one may be so rare that no row has it.
  if (named.length === 1 && !found.has(only)) throw noClass(only, [...found]);
  for (const name of named) found.add(name);
  const classes = [...found].sort();
  if (classes.length > CLASSES_MAX) {
    const what = `${classes.length > 1_000 ? 'over 1,000' : classes.length} classes`;
    throw new CliError('option-invalid', `--label has ${what}: of a number name the prediction column=value`);
  }
  if (classes.length < 2)
    throw new CliError('option-invalid', `--label has the one class ${classes.join()}: two or more are expected`);
  if (named.length > 1 && classes.some((name) => !named.includes(name))) {
    const missing = classes.find((name) => !named.includes(name));
    throw new CliError(
      'option-invalid',
      `no --prediction column=${missing}: name a column for each class, or one for all`,
    );
  }
  if (hasScore && classes.length > 2)
    throw new CliError('option-invalid', `a score, and ${classes.length} classes: name a column for each class`);
  if (classes.length > 2) return classes;
  const of = positive ?? classes.find((name) => POSITIVE_WORDS.includes(name.toLowerCase())) ?? named[0] ?? classes[1];
  if (!classes.includes(of))
    throw new CliError('option-invalid', `--positive ${of}: is none of the classes ${classes.join(', ')}`);
  return [...classes.filter((name) => name !== of), of];
}

function noClass(name: string, classes: readonly string[]): CliError {
  const meant = nearest(name, classes);
  const hint =
    meant === undefined ? `write column=${classes[0]}, or column=value for a number` : `did you mean ${meant}?`;
  return new CliError('option-invalid', `--prediction column=${name}: no row has the class ${name}; ${hint}`);
}

/** Outputs that are named by a class. */
function namedClasses({ outputs }: LabelledRows): string[] {
  return [...outputs.keys()].filter((output) => output !== 'label' && output !== 'score');
}

export function classColumns(rows: LabelledRows, classes: readonly string[]): ClassColumns {
  const label = rows.outputs.get('label');
  const actual = indexes(rows.truth, classes);
  const labels = label === undefined ? undefined : indexes(label, classes);
  const scores = probabilities(rows, classes, labels);
  return { actual, predicted: labels ?? decided(scores, rows.rowCount), scores };
}

function indexes({ codes, classes: names }: RowColumn, classes: readonly string[]): Int32Array {
  const byCode = names.map((name) => classes.indexOf(name));
  return Int32Array.from(codes, (code) => byCode[code] ?? -1);
}

function probabilities(rows: LabelledRows, classes: readonly string[], labels: Int32Array | undefined): Float64Array[] {
  const { outputs } = rows;
  const score = outputs.get('score');
  if (score !== undefined) {
    // Of the label that was predicted, as `ml.prediction.score` is; without labels of the positive class.
    const of = (value: number, row: number) => (labels === undefined || labels[row] === 1 ? value : 1 - value);
    return [Float64Array.from(score.numbers, of)];
  }
  const columns = classes.map((name) => outputs.get(name));
  if (columns.every((column) => column === undefined)) return [];
  if (classes.length > 2) return columns.map((column) => Float64Array.from(column?.numbers ?? []));
  const [negative, positive] = columns;
  if (positive !== undefined) return [Float64Array.from(positive.numbers)];
  return [Float64Array.from(negative?.numbers ?? [], (value) => 1 - value)];
}

/** The likeliest class; −1 where a score is missing. */
function decided(scores: readonly Float64Array[], rowCount: number): Int32Array {
  return Int32Array.from({ length: rowCount }, (_, row) => {
    if (scores.some((column) => Number.isNaN(column[row]))) return -1;
    if (scores.length === 1) return scores[0][row] >= THRESHOLD ? 1 : 0;
    let best = 0;
    for (let i = 1; i < scores.length; i++) if (scores[i][row] > scores[best][row]) best = i;
    return best;
  });
}
