/** JSON lines: one flat object a line. Columns are the keys of the first lines; keys that come later are counted. */
import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CliError } from '../cli-error.ts';
import type { Cell } from './cell.ts';
import { CHUNK_ROWS, COLUMNS_MAX, READ_BYTES, type TableInput, type TableSink } from './reader.ts';
import { utf8Guard } from './utf8.ts';

export async function readJsonLines(input: TableInput, sink: TableSink): Promise<void> {
  const { path } = input;
  const isStdin = path === '-';
  const total = isStdin ? 0 : statSync(path).size;
  const stream = isStdin ? process.stdin : createReadStream(path, { highWaterMark: READ_BYTES });
  let bytes = 0;
  const guard = utf8Guard((chunk) => {
    bytes += chunk.length;
    input.hash.update(chunk);
  });
  let failure: unknown;
  const lines = createInterface({ input: stream.pipe(guard), crlfDelay: Number.POSITIVE_INFINITY });
  const fail = (error: unknown) => {
    failure ??= error;
    lines.close();
  };
  stream.on('error', fail);
  guard.on('error', fail);
  const table = new JsonTable(sink, path);
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    table.add(objectOf(line === 1 ? text.replace(/^\uFEFF/, '') : text, path, line), bytes, total);
  }
  if (failure !== undefined) throw failure;
  table.end(bytes, total);
}

/** Holds the first rows until the columns are known, then passes chunk after chunk on. */
class JsonTable {
  readonly #sink: TableSink;
  readonly #path: string;
  #names: string[] | undefined;
  #held: Record<string, unknown>[] = [];
  #rowCount = 0;

  constructor(sink: TableSink, path: string) {
    this.#sink = sink;
    this.#path = path;
  }

  add(row: Record<string, unknown>, bytes: number, total: number): void {
    this.#held.push(row);
    if (this.#held.length === CHUNK_ROWS) this.#flush(bytes, total);
  }

  end(bytes: number, total: number): void {
    if (this.#names === undefined && this.#held.length === 0) {
      throw new CliError('file-empty', `${this.#path}: is empty: one JSON object a line is expected`);
    }
    this.#flush(bytes, total);
  }

  #flush(bytes: number, total: number): void {
    if (this.#names === undefined) {
      const names = new Set<string>();
      for (const row of this.#held) for (const key of Object.keys(row)) names.add(key);
      if (names.size > COLUMNS_MAX)
        throw new CliError('json-invalid', `${this.#path}: ${names.size} keys: at most ${COLUMNS_MAX} are read`);
      this.#names = [...names];
      this.#sink.columns(this.#names);
    }
    const held = this.#held;
    this.#names.forEach((name, column) => {
      this.#sink.cells(
        column,
        held.map((row) => (Object.hasOwn(row, name) ? cellOf(row[name]) : null)),
      );
    });
    this.#rowCount += held.length;
    this.#held = [];
    this.#sink.progress(this.#rowCount, bytes, total);
  }
}

/** Objects and arrays are no values of a column; they stay visible as text. */
function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return JSON.stringify(value);
}

function objectOf(text: string, path: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = /position (\d+)/.exec(message)?.[1];
    throw new CliError(
      'json-invalid',
      `${path}:${line}:${at === undefined ? 1 : Number(at) + 1}: is not JSON (${message}): one JSON object a line is expected`,
    );
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new CliError(
      'json-invalid',
      `${path}:${line}:1: is ${Array.isArray(value) ? 'an array' : typeof value}, not an object: one JSON object a line is expected`,
    );
  }
  return value as Record<string, unknown>;
}
