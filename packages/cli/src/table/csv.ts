/** CSV and TSV: streamed, with the line of what cannot be read. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, type Parser, parse } from 'csv-parse';
import { CliError } from '../cli-error.ts';
import { openBytes } from './byte-source.ts';
import type { Cell } from './cell.ts';
import {
  CHUNK_BYTES_MAX,
  CHUNK_ROWS,
  COLUMNS_MAX,
  type Format,
  RECORD_BYTES_MAX,
  type TableInput,
  type TableSink,
} from './reader.ts';

/** What separates the fields of a .csv: whichever the first line has most of. */
const DELIMITERS = [',', ';', '\t', '|'] as const;
const HEADER_BYTES_MAX = 1 << 20;

export async function readCsv(input: TableInput, sink: TableSink): Promise<void> {
  const path = input.path === '-' ? 'stdin' : input.path;
  const { stream, byteCount, byteTotal } = openBytes(input);
  const bytes: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  let columns: Cell[][] | undefined;
  let rowCount = 0;
  let heldCount = 0;
  let bytesBefore = 0;
  const flush = () => {
    columns?.forEach((cells, i) => {
      sink.cells(i, cells);
      cells.length = 0;
    });
    rowCount += heldCount;
    heldCount = 0;
    sink.progress(rowCount, byteCount(), byteTotal);
  };
  let parser: Parser | undefined;
  try {
    const head = await readHead(bytes);
    parser = newParser(dialectOf(head, input.format));
    pipeline(rejoined(head, bytes), parser, () => undefined);
    for await (const row of parser as AsyncIterable<string[]>) {
      if (columns === undefined) {
        const names = headerOf(row, path);
        sink.columns(names);
        columns = names.map(() => []);
        continue;
      }
      for (let i = 0; i < row.length; i++) columns[i].push(row[i]);
      const { bytes: parsed } = parser.info;
      if (++heldCount === CHUNK_ROWS || parsed - bytesBefore > CHUNK_BYTES_MAX) {
        bytesBefore = parsed;
        flush();
        await sink.room?.();
      }
    }
  } catch (error) {
    throw csvError(error, path, parser?.info.lines ?? 1);
  } finally {
    stream.destroy();
  }
  if (columns === undefined) throw new CliError('file-empty', `${path}: is empty: a header line and rows are expected`);
  flush();
}

interface Dialect {
  readonly delimiter: string;
  /** With a single column an empty line is a row without a value. */
  readonly hasEmptyRows: boolean;
}

function dialectOf(head: Buffer, format: Format): Dialect {
  const delimiter = format === 'tsv' ? '\t' : delimiterOf(head);
  return { delimiter, hasEmptyRows: firstLine(head).trim() !== '' && !firstLine(head).includes(delimiter) };
}

function newParser({ delimiter, hasEmptyRows }: Dialect, info = false): Parser {
  return parse({
    bom: true,
    delimiter,
    info,
    max_record_size: RECORD_BYTES_MAX,
    relax_quotes: false,
    skip_empty_lines: !hasEmptyRows,
    trim: false,
  });
}

/** Line on which a row of a file that was read before begins; rows count from 1, behind the header. */
export async function csvLineOf(path: string, format: Format, row: number): Promise<number> {
  const stream = createReadStream(path);
  const bytes: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const head = await readHead(bytes);
  const parser = newParser(dialectOf(head, format), true);
  pipeline(rejoined(head, bytes), parser, () => undefined);
  let records = 0;
  let lastLine = 0;
  for await (const { info } of parser as AsyncIterable<{ info: { lines: number } }>) {
    if (records++ === row) break;
    lastLine = info.lines;
  }
  stream.destroy();
  return lastLine + 1;
}

/** At least the first line, if it is not absurdly long. */
async function readHead(bytes: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEADER_BYTES_MAX && !head.includes(10)) {
    const next = await bytes.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* rejoined(head: Buffer, bytes: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await bytes.next(); next.done !== true; next = await bytes.next()) yield next.value;
}

function delimiterOf(head: Buffer): string {
  const line = firstLine(head);
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length - 1);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

/** Without what is quoted. */
function firstLine(head: Buffer): string {
  const end = head.indexOf(10);
  return head.toString('utf8', 0, end < 0 ? head.length : end).replaceAll(/"[^"]*"/g, '');
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
  return names;
}

/** What the parser adds to its errors. */
interface CsvFault {
  /** From 1. */
  readonly lines?: number;
  /** The fields of a row with too few or too many. */
  readonly record?: unknown;
  /** Rows before, with the header. */
  readonly records?: number;
  /** Field, from 0. */
  readonly column?: unknown;
}

function csvError(error: unknown, path: string, lastLine: number): unknown {
  if (!(error instanceof CsvError)) return error;
  const { lines, record, records, column } = error as unknown as CsvFault;
  const field = Number(column) + 1;
  const invalid = (message: string) => new CliError('csv-invalid', `${path}:${lines ?? lastLine}: ${message}`);
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH': {
      const expected = /expect (\d+)/.exec(error.message)?.[1];
      const found = Array.isArray(record) ? record.length : 'another number';
      return invalid(
        `${found} fields where the header has ${expected}: give every row as many fields as the header, and quote fields that hold a separator`,
      );
    }
    case 'CSV_QUOTE_NOT_CLOSED':
      return invalid(
        `the file ends inside a quoted field that began in row ${records}: close the quote, or write quotes inside a field twice`,
      );
    case 'CSV_MAX_RECORD_SIZE':
      return invalid(`a row of more than ${RECORD_BYTES_MAX} bytes: a quote before it may not be closed`);
    case 'INVALID_OPENING_QUOTE':
      return invalid(`field ${field}: a quote in a field that does not begin with one: ${QUOTE_FIX}`);
    case 'CSV_INVALID_CLOSING_QUOTE':
      return invalid(`field ${field}: something follows the closing quote: ${QUOTE_FIX}`);
    default:
      return invalid(`${error.message}: ${QUOTE_FIX}`);
  }
}

const QUOTE_FIX = 'quote the whole field, and write quotes inside it twice';
