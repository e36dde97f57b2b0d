/** CSV and TSV: streamed, with the line of what cannot be read. */
import { createReadStream, statSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { CliError } from '../cli-error.ts';
import type { Cell } from './cell.ts';
import { CHUNK_ROWS, COLUMNS_MAX, READ_BYTES, type TableInput, type TableSink } from './reader.ts';
import { utf8Guard } from './utf8.ts';

const RECORD_BYTES_MAX = 16 * 2 ** 20;

export async function readCsv(input: TableInput, sink: TableSink): Promise<void> {
  const { path } = input;
  const isStdin = path === '-';
  const total = isStdin ? 0 : statSync(path).size;
  const stream = isStdin ? process.stdin : createReadStream(path, { highWaterMark: READ_BYTES });
  const delimiter = /\.tsv$/i.test(path) ? '\t' : undefined;
  const parser = parse({
    bom: true,
    delimiter: delimiter ?? [',', ';'],
    max_record_size: RECORD_BYTES_MAX,
    relax_quotes: false,
    skip_empty_lines: true,
    trim: false,
  });
  let bytes = 0;
  const guard = utf8Guard((chunk) => {
    bytes += chunk.length;
    input.hash.update(chunk);
  });
  stream.on('error', (error: Error) => parser.destroy(error));
  guard.on('error', (error: Error) => parser.destroy(error));
  stream.pipe(guard).pipe(parser);
  let columns: Cell[][] | undefined;
  let rowCount = 0;
  let held = 0;
  const flush = () => {
    columns?.forEach((cells, i) => {
      sink.cells(i, cells);
      cells.length = 0;
    });
    rowCount += held;
    held = 0;
    sink.progress(rowCount, bytes, total);
  };
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      if (columns === undefined) {
        const names = headerOf(row, path);
        sink.columns(names);
        columns = names.map(() => []);
        continue;
      }
      for (let i = 0; i < row.length; i++) columns[i].push(row[i]);
      if (++held === CHUNK_ROWS) flush();
    }
  } catch (error) {
    throw csvError(error, path, parser.info.lines);
  }
  if (columns === undefined) throw new CliError('file-empty', `${path}: is empty: a header line and rows are expected`);
  flush();
}

function headerOf(row: readonly string[], path: string): string[] {
  const names = row.map((name) => name.trim());
  if (names.length > COLUMNS_MAX)
    throw new CliError('csv-invalid', `${path}:1: ${names.length} columns: at most ${COLUMNS_MAX} are read`);
  const empty = names.indexOf('');
  if (empty >= 0)
    throw new CliError(
      'csv-invalid',
      `${path}:1: column ${empty + 1} has no name: the first line must name every column`,
    );
  const doubled = names.find((name, i) => names.indexOf(name) !== i);
  if (doubled !== undefined)
    throw new CliError('column-duplicate', `${path}:1: two columns are called ${JSON.stringify(doubled)}: rename one`);
  return names;
}

function csvError(error: unknown, path: string, line: number): unknown {
  if (!(error instanceof CsvError)) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') return new CliError('file-missing', `${path}: is a folder: name a file`);
    return error instanceof CliError ? error : new CliError('file-missing', `${path}: ${message}`);
  }
  const at = (error as unknown as { lines?: number }).lines ?? line;
  const column = (error as unknown as { column?: unknown }).column;
  const where = typeof column === 'number' ? `${path}:${at}:${column + 1}` : `${path}:${at}`;
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return new CliError(
      'csv-invalid',
      `${where}: ${error.message.replace(/ on line \d+/, '')}: every row needs as many fields as the header; quote fields that hold a comma`,
    );
  }
  return new CliError(
    'csv-invalid',
    `${where}: ${error.message}: close the quotes, or double quotes inside a quoted field`,
  );
}
