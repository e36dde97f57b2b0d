/**
 * Parquet: a slice of one column at a time, so that memory grows neither with the file nor with its row groups. Pages
 * outside a slice are jumped over, not decoded.
 */
import { createReadStream, statSync } from 'node:fs';
import { type AsyncBuffer, asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { CliError } from '../cli-error.ts';
import type { Cell } from './cell.ts';
import { READ_BYTES, type TableInput, type TableSink } from './reader.ts';

/** Rows that are decoded at once. */
const SLICE_ROWS = 1 << 16;

export async function readParquet(input: TableInput, sink: TableSink): Promise<void> {
  const { path } = input;
  if (path === '-') {
    throw new CliError(
      'option-invalid',
      'Parquet cannot be read from standard input, because it is read from its end: give a file',
    );
  }
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) input.hash.update(chunk as Buffer);
  try {
    await readGroups(path, sink);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError(
      'parquet-invalid',
      `${path}: cannot be read as Parquet (${message}): the file may be truncated; write or copy it again`,
    );
  }
}

async function readGroups(path: string, sink: TableSink): Promise<void> {
  const file = remembering(await asyncBufferFromFile(path));
  const metadata = await parquetMetadataAsync(file);
  const names = topLevelColumns(metadata, path);
  sink.columns(names);
  const total = statSync(path).size;
  const rowTotal = Number(metadata.num_rows);
  if (rowTotal === 0) throw new CliError('file-empty', `${path}: has no rows`);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    for (const [index, name] of names.entries()) {
      const onChunk = ({ columnData }: { columnData: ArrayLike<unknown> }) =>
        sink.cells(index, columnData as ArrayLike<Cell>);
      for (let from = rowStart; from < rowEnd; from += SLICE_ROWS) {
        const range = { rowStart: from, rowEnd: Math.min(rowEnd, from + SLICE_ROWS) };
        await parquetRead({ file, metadata, compressors, columns: [name], ...range, onChunk });
      }
      const share = (rowStart + ((rowEnd - rowStart) * (index + 1)) / names.length) / rowTotal;
      sink.progress(index + 1 === names.length ? rowEnd : rowStart, Math.floor(share * total), total);
    }
    rowStart = rowEnd;
  }
}

/** Keeps the bytes that were read last: the slices of one column of one row group ask for the same. */
function remembering(file: AsyncBuffer): AsyncBuffer {
  let last: { readonly start: number; readonly end: number | undefined; readonly bytes: ArrayBuffer } | undefined;
  return {
    byteLength: file.byteLength,
    slice: async (start, end) => {
      if (last?.start === start && last.end === end) return last.bytes;
      last = undefined;
      const bytes = await file.slice(start, end);
      last = { start, end, bytes };
      return bytes;
    },
  };
}

/** Nested columns cannot be features. */
function topLevelColumns({ schema }: FileMetaData, path: string): string[] {
  const nested = schema.slice(1).find((element) => (element.num_children ?? 0) > 0);
  if (nested !== undefined) {
    throw new CliError(
      'parquet-invalid',
      `${path}: the column ${JSON.stringify(nested.name)} is nested: flatten the table first`,
    );
  }
  return schema.slice(1).map(({ name }) => name);
}
