/** Parquet: one column of one row group at a time, so that memory does not grow with the file. */
import type { Hash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AsyncBuffer, asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { CliError } from '../cli-error.ts';
import type { Cell } from './cell.ts';
import { READ_BYTES, type TableInput, type TableSink } from './reader.ts';

const GARBAGE_CELLS = 1 << 18;
const INTERNED_MAX = 100_000;

export async function readParquet(input: TableInput, sink: TableSink): Promise<void> {
  const { path } = input;
  if (path === '-') {
    throw new CliError(
      'option-invalid',
      'Parquet cannot be read from standard input, because it is read from its end: give a file',
    );
  }
  await hashFile(path, input.hash);
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

/** Through one buffer: those of a stream wait for a collection that comes late, more of them the longer the file. */
async function hashFile(path: string, hash: Hash): Promise<void> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) return;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

async function readGroups(path: string, sink: TableSink): Promise<void> {
  const fd = openSync(path, 'r');
  try {
    await readGroupsOf(path, reusing(fd, statSync(path).size), sink);
  } finally {
    closeSync(fd);
  }
}

async function readGroupsOf(path: string, file: AsyncBuffer, sink: TableSink): Promise<void> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  const names = topLevelColumns(metadata, path);
  sink.columns(names);
  const total = statSync(path).size;
  const rowTotal = Number(metadata.num_rows);
  if (rowTotal === 0) throw new CliError('file-empty', `${path}: has no rows`);
  const garbage = new Garbage();
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    for (const [index, name] of names.entries()) {
      const onChunk = ({ columnData }: { columnData: ArrayLike<unknown> }) =>
        sink.cells(index, columnData as ArrayLike<Cell>);
      const parsers = { stringFromBytes: interning() };
      await parquetRead({ file, metadata, compressors, parsers, columns: [name], rowStart, rowEnd, onChunk });
      garbage.grow(rowEnd - rowStart);
      const share = (rowStart + ((rowEnd - rowStart) * (index + 1)) / names.length) / rowTotal;
      sink.progress(index + 1 === names.length ? rowEnd : rowStart, Math.floor(share * total), total);
    }
    await sink.room?.();
    rowStart = rowEnd;
  }
}

/** Decodes UTF-8. The same text is the same string, so that a column of a million rows holds each of its values once. */
function interning(): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder();
  const known = new Map<string, string>();
  return (bytes) => {
    const text = decoder.decode(bytes);
    const first = known.get(text);
    if (first !== undefined) return first;
    if (known.size < INTERNED_MAX) known.set(text, text);
    return text;
  };
}

/**
 * Decoded pages are mostly buffers outside V8's heap, so a collection seems little worth to it and hundreds of megabytes
 * wait. It is asked for one whenever so many cells were decoded: some 20 ms each, a few per cent of the reading.
 */
class Garbage {
  readonly #collect: () => void;
  #cells = 0;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc');
  }

  grow(cells: number): void {
    this.#cells += cells;
    if (this.#cells < GARBAGE_CELLS) return;
    this.#cells = 0;
    this.#collect();
  }
}

/**
 * Reads into one buffer again and again: buffers of megabytes that come and go leave holes in the memory, so that its
 * peak would grow with the number of row groups. Whoever asks for a range must be done with the one before.
 */
function reusing(fd: number, byteLength: number): AsyncBuffer {
  let buffer = new ArrayBuffer(0, { maxByteLength: 0 });
  return {
    byteLength,
    slice: (start, end = byteLength) => {
      const length = Math.min(end, byteLength) - start;
      if (length > buffer.maxByteLength) buffer = new ArrayBuffer(length, { maxByteLength: 2 * length });
      else buffer.resize(length);
      const bytes = new Uint8Array(buffer);
      for (let done = 0; done < length; ) {
        const read = readSync(fd, bytes, done, length - done, start + done);
        if (read === 0) throw new Error('the file ends before its data');
        done += read;
      }
      return buffer;
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
