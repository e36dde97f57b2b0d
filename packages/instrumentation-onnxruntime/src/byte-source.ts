/** Bytes of a model, in memory or in a file, read by position: weights that nobody asks for are never read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface ByteSource {
  readonly size: number;
  /** May be shorter at the end. Valid until the next call. */
  read(at: number, length: number): Uint8Array;
}

/** One read brings so much, for the many small fields that stand together. */
const WINDOW_BYTES = 4 * 1024;

export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) };
}

/** Runs `work` on the file. Errors of the file system pass through. */
export function withFile<T>(path: string, work: (source: ByteSource) => T): T {
  const fd = openSync(path, 'r');
  try {
    return work(fileSource(fd, fstatSync(fd).size));
  } finally {
    closeSync(fd);
  }
}

function fileSource(fd: number, size: number): ByteSource {
  const window = new Uint8Array(WINDOW_BYTES);
  let windowStart = 0;
  let windowLength = 0;
  return {
    size,
    read: (at, length) => {
      if (length > WINDOW_BYTES) return readFully(fd, at, new Uint8Array(Math.min(length, Math.max(0, size - at))));
      if (at < windowStart || at + length > windowStart + windowLength) {
        windowStart = at;
        windowLength = readFully(fd, at, window).length;
      }
      return window.subarray(at - windowStart, Math.min(at - windowStart + length, windowLength));
    },
  };
}

function readFully(fd: number, at: number, into: Uint8Array): Uint8Array {
  let done = 0;
  while (done < into.length) {
    const count = readSync(fd, into, done, into.length - done, at + done);
    if (count === 0) break;
    done += count;
  }
  return into.subarray(0, done);
}
