/** The bytes of a file or of standard input: hashed, counted, and known to be UTF-8. */
import { createReadStream, fstatSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { CliError } from '../cli-error.ts';
import { READ_BYTES, type TableInput } from './reader.ts';
import { utf8Guard } from './utf8.ts';

export interface ByteSource {
  readonly stream: Readable;
  /** So far. */
  readonly byteCount: () => number;
  /** 0 when it is not known. */
  readonly byteTotal: number;
}

/** Faults, a CliError for what is not UTF-8, destroy the stream. */
export function openBytes({ path, hash }: TableInput, lineBytesMax?: number): ByteSource {
  const isStdin = path === '-';
  const file = isStdin ? openStdin() : createReadStream(path, { highWaterMark: READ_BYTES });
  let byteCount = 0;
  const see = (chunk: Buffer) => {
    byteCount += chunk.length;
    hash.update(chunk);
  };
  const stream = utf8Guard(isStdin ? 'stdin' : path, see, lineBytesMax);
  file.on('error', ({ message }: Error) =>
    stream.destroy(new CliError('file-missing', `${isStdin ? 'stdin' : path}: cannot be read (${message})`)),
  );
  return { stream: file.pipe(stream), byteCount: () => byteCount, byteTotal: isStdin ? 0 : statSync(path).size };
}

/** By its number: in a worker process.stdin goes through the main thread. Pipes may be non-blocking, files are never. */
function openStdin(): Readable {
  const stats = fstatSync(0);
  if (stats.isFIFO() || stats.isSocket()) return new Socket({ fd: 0, readable: true, writable: false });
  return createReadStream('', { fd: 0, autoClose: false, highWaterMark: READ_BYTES });
}
