/**
 * Where a row stands, for messages: the file is read again up to it. Nothing is remembered while a table is read, because
 * nearly no table has a row that somebody must be shown.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { csvLineOf } from '../table/csv.ts';
import type { Format } from '../table/reader.ts';

export interface ReadFile {
  readonly path: string;
  readonly format: Format;
  readonly rowCount: number;
}

/** `file:line` of a row, counted from 1 over all files; `file: row n` where the file has no lines or is a stream. */
export async function placeOf(files: readonly ReadFile[], row: number): Promise<string> {
  let rest = row;
  for (const { path, format, rowCount } of files) {
    if (rest > rowCount) {
      rest -= rowCount;
      continue;
    }
    if (path === '-') return `stdin: row ${rest}`;
    if (format === 'parquet') return `${path}: row ${rest}`;
    const line = format === 'jsonl' ? await jsonLineOf(path, rest) : await csvLineOf(path, format, rest);
    return `${path}:${line}`;
  }
  return `row ${row}`;
}

async function jsonLineOf(path: string, row: number): Promise<number> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let line = 0;
  let rows = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() !== '' && ++rows === row) break;
  }
  lines.close();
  return line;
}
