/** JSON lines: one flat object a line. Columns are the keys of the first rows; keys that come later are named in a note. */
import { createInterface } from 'node:readline';
import { CliError } from '../cli-error.ts';
import { openBytes } from './byte-source.ts';
import type { Cell } from './cell.ts';
import { jsonFaultOffset } from './json-fault.ts';
import {
  CHUNK_BYTES_MAX,
  CHUNK_ROWS,
  COLUMNS_MAX,
  RECORD_BYTES_MAX,
  type TableInput,
  type TableSink,
} from './reader.ts';

type Row = Readonly<Record<string, unknown>>;

/** Rows whose keys become columns, unless they are so long that fewer are held. */
const HEAD_ROWS = 10_000;
/** Keys after them that are named. */
const LATE_KEYS_MAX = 5;

export async function readJsonLines(input: TableInput, sink: TableSink): Promise<void> {
  const path = input.path === '-' ? 'stdin' : input.path;
  const { stream, byteCount, byteTotal } = openBytes(input, RECORD_BYTES_MAX);
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure ??= error;
    lines.close();
  });
  const table = new JsonTable(sink, path, () => ({ bytes: byteCount(), total: byteTotal }));
  let line = 0;
  try {
    for await (const text of lines) {
      line++;
      if (failure !== undefined) break;
      if (text.trim() === '') continue;
      const row = objectOf(line === 1 ? text.replace(/^\uFEFF/, '') : text, path, line);
      if (table.add(row, text.length, line)) await sink.room?.();
    }
  } finally {
    stream.destroy();
  }
  if (failure !== undefined) throw failure;
  table.end();
}

/** Holds the first rows until the columns are known, then passes chunk after chunk on. */
class JsonTable {
  readonly #sink: TableSink;
  readonly #path: string;
  readonly #position: () => { readonly bytes: number; readonly total: number };
  readonly #names = new Set<string>();
  #isNamed = false;
  #held: Row[] = [];
  #heldLength = 0;
  #headCount = 0;
  #rowCount = 0;
  readonly #lateKeys = new Set<string>();

  constructor(sink: TableSink, path: string, position: () => { readonly bytes: number; readonly total: number }) {
    this.#sink = sink;
    this.#path = path;
    this.#position = position;
  }

  /**
   * @param length of the row as text
   * @returns whether a chunk went on
   */
  add(row: Row, length: number, line: number): boolean {
    this.#held.push(row);
    this.#heldLength += length;
    for (const key of Object.keys(row)) if (!this.#names.has(key)) this.#newKey(key, line);
    const isFull = this.#held.length === (this.#isNamed ? CHUNK_ROWS : HEAD_ROWS);
    const isChunk = isFull || this.#heldLength > CHUNK_BYTES_MAX;
    if (isChunk) this.#flush();
    return isChunk;
  }

  end(): void {
    if (!this.#isNamed && this.#held.length === 0) {
      throw new CliError('file-empty', `${this.#path}: is empty: one JSON object a line is expected`);
    }
    this.#flush();
  }

  #newKey(key: string, line: number): void {
    if (!this.#isNamed) {
      this.#names.add(key);
      if (this.#names.size > COLUMNS_MAX)
        throw new CliError('json-invalid', `${this.#path}:${line}: more than ${COLUMNS_MAX} keys: no more are read`);
    } else if (this.#lateKeys.size < LATE_KEYS_MAX && !this.#lateKeys.has(key)) {
      this.#lateKeys.add(key);
      this.#sink.note(
        `${this.#path}:${line}: the key ${JSON.stringify(key)} is in none of the first ${this.#headCount} rows: it is not read`,
      );
    }
  }

  #flush(): void {
    const held = this.#held;
    if (!this.#isNamed) {
      this.#sink.columns([...this.#names]);
      this.#headCount = held.length;
    }
    this.#isNamed = true;
    this.#held = [];
    this.#heldLength = 0;
    let column = 0;
    for (const name of this.#names) {
      this.#sink.cells(
        column++,
        held.map((row) => (Object.hasOwn(row, name) ? cellOf(row[name]) : null)),
      );
    }
    this.#rowCount += held.length;
    const { bytes, total } = this.#position();
    this.#sink.progress(this.#rowCount, bytes, total);
  }
}

/** Objects and arrays are no values of a column; they stay visible as text. */
function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return JSON.stringify(value);
}

function objectOf(text: string, path: string, line: number): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError(
      'json-invalid',
      `${path}:${line}:${jsonFaultOffset(text) + 1}: is not JSON (${message}): one JSON object a line is expected`,
    );
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new CliError(
      'json-invalid',
      `${path}:${line}:1: is ${Array.isArray(value) ? 'an array' : typeof value}, not an object: one JSON object a line is expected`,
    );
  }
  return value as Row;
}
