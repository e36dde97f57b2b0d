/** Passes bytes on and refuses what is not UTF-8, and lines that are too long, with the line and the byte in it. */
import { isUtf8 } from 'node:buffer';
import { Transform } from 'node:stream';
import { CliError } from '../cli-error.ts';

/**
 * @param see gets every chunk as it arrived
 * @param lineBytesMax what a line may have at most: a longer one would have to be held as a whole
 */
export function utf8Guard(
  path: string,
  see: (chunk: Buffer) => void,
  lineBytesMax = Number.POSITIVE_INFINITY,
): Transform {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  /** Bytes of the current line that have been passed on. */
  let before = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      see(chunk);
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = completeEnd(bytes);
      const whole = bytes.subarray(0, end);
      if (!isUtf8(whole)) return done(notUtf8(path, whole, line, before));
      let last = -1;
      for (let at = whole.indexOf(10); at >= 0; at = whole.indexOf(10, at + 1)) {
        if (at - last - 1 + (last < 0 ? before : 0) > lineBytesMax) return done(tooLong(path, line, lineBytesMax));
        line++;
        last = at;
      }
      before = last < 0 ? before + whole.length : whole.length - last - 1;
      if (before > lineBytesMax) return done(tooLong(path, line, lineBytesMax));
      rest = Buffer.from(bytes.subarray(end));
      done(null, whole);
    },
    flush(done) {
      done(rest.length === 0 ? null : notUtf8(path, rest, line, before));
    },
  });
}

function tooLong(path: string, line: number, bytesMax: number): CliError {
  const limit = `a line of more than ${bytesMax / 2 ** 20} MiB`;
  return new CliError('json-invalid', `${path}:${line}:1: ${limit}: write one JSON object a line, not one array`);
}

function notUtf8(path: string, bytes: Buffer, firstLine: number, before: number): CliError {
  let line = firstLine;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    line++;
    start = end + 1;
  }
  const end = bytes.indexOf(10, start);
  const broken = bytes.subarray(start, end < 0 ? bytes.length : end);
  const column = validPrefix(broken) + (start === 0 ? before : 0) + 1;
  return new CliError(
    'encoding-invalid',
    `${path}:${line}:${column}: is not UTF-8: convert the file, for example with iconv -f latin1 -t utf-8`,
  );
}

/** Bytes before the first that is wrong. */
function validPrefix(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, completeEnd(prefix)))) low = middle;
    else high = middle - 1;
  }
  return completeEnd(bytes.subarray(0, low));
}

/** Where the last character that may be cut off begins. */
function completeEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
