/** Predictions and what was true of them, from the columns of tables. */

import { createHash } from 'node:crypto';
import { CliError } from '../cli-error.ts';
import { requireColumnNames, tableReader } from '../profile/read-tables.ts';
import type { Progress } from '../progress.ts';
import { type Cell, classOf, isEmpty, isMissingWord, numberOf } from '../table/cell.ts';
import type { Format, TableSink } from '../table/reader.ts';
import { detectTimeUnit, type TimeUnit, timeOf } from '../table/time.ts';

export interface RowsRequest {
  readonly files: readonly string[];
  readonly format?: Format | undefined;
  readonly truth: string;
  /** Column by output: label, value, score, or the name of a class. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly time?: string | undefined;
  readonly timeUnit?: TimeUnit | undefined;
}

export interface LabelledRows {
  readonly rowCount: number;
  /** As text and as numbers; empty and NaN where there is none. */
  readonly truth: RowColumn;
  readonly outputs: ReadonlyMap<string, RowColumn>;
  /** Unix milliseconds; NaN for what is no time. */
  readonly times: readonly number[] | undefined;
}

/** What one column holds: classes by number, or numbers. */
export class RowColumn {
  /** By index; −1 for no value. */
  readonly codes: number[] = [];
  readonly numbers: number[] = [];
  readonly classes: string[] = [];
  readonly #codeOf = new Map<string, number>();

  /** @throws CliError for more classes than a model has */
  add(cell: Cell, name: string): void {
    const isMissing = isEmpty(cell) || isMissingWord(cell);
    this.numbers.push(isMissing ? Number.NaN : numberOf(cell));
    this.codes.push(isMissing ? -1 : this.#code(classOf(cell), name));
  }

  #code(text: string, name: string): number {
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.classes.length;
      // Of a number each value is a class of its own: only the first few are kept.
      if (code > CLASSES_KEPT) return CLASSES_KEPT;
      this.#codeOf.set(text, code);
      this.classes.push(text);
    }
    if (this.numbers.length > ROWS_MAX)
      throw new CliError('table-invalid', `${name}: more than ${ROWS_MAX} rows: give a part of them`);
    return code;
  }
}

/** Beyond what a classifier may have, so that too many are seen. */
const CLASSES_KEPT = 1_000;
/** Five columns of them take 3 GB. */
const ROWS_MAX = 50_000_000;

/** @throws CliError */
export async function readLabelledRows(request: RowsRequest, progress: Progress): Promise<LabelledRows> {
  const { files, truth, outputs, time } = request;
  const wanted = new Map<string, RowColumn>();
  for (const name of [truth, ...outputs.values()]) wanted.set(name, new RowColumn());
  const times: Cell[] = [];
  let rowsBefore = 0;
  for (const path of files) {
    let names: readonly string[] = [];
    const sink: TableSink = {
      columns: (found) => {
        names = found;
        requireColumnNames(
          [
            ['--label', truth],
            ...[...outputs.values()].map((name) => ['--prediction', name] as const),
            ...(time === undefined ? [] : [['--time', time] as const]),
          ],
          found,
        );
      },
      cells: (column, cells) => {
        const name = names[column];
        if (name === time) for (let i = 0; i < cells.length; i++) times.push(cells[i]);
        const own = wanted.get(name);
        if (own !== undefined) for (let i = 0; i < cells.length; i++) own.add(cells[i], name);
      },
      progress: (rowCount, bytes, total) => progress.reading(rowsBefore + rowCount, bytes, total),
      note: () => undefined,
    };
    const { read, format } = tableReader(path, request.format);
    await read({ path, format, hash: createHash('sha256') }, sink);
    rowsBefore = (wanted.get(truth) as RowColumn).numbers.length;
  }
  if (rowsBefore === 0) throw new CliError('file-empty', `${files.join(', ')}: has columns but no rows`);
  return {
    rowCount: rowsBefore,
    truth: wanted.get(truth) as RowColumn,
    outputs: new Map([...outputs].map(([output, name]) => [output, wanted.get(name) as RowColumn])),
    times: time === undefined ? undefined : timesOf(times, time, request.timeUnit),
  };
}

function timesOf(cells: readonly Cell[], name: string, given: TimeUnit | undefined): number[] {
  let largest = 0;
  for (const cell of cells) largest = Math.max(largest, Math.abs(numberOf(cell)) || 0);
  const unit = given ?? (largest > 0 ? detectTimeUnit(largest) : undefined);
  const times = cells.map((cell) => timeOf(cell, unit));
  if (times.every(Number.isNaN))
    throw new CliError(
      'time-invalid',
      `--time ${name}: none of its values is a time: write 2026-01-31T12:00:00Z, or give --time-unit`,
    );
  return times;
}
