/** Passes bytes on and refuses what is not UTF-8, with the line. */
import { isUtf8 } from 'node:buffer';
import { Transform } from 'node:stream';
import { CliError } from '../cli-error.ts';

/** @param see gets every chunk as it arrived */
export function utf8Guard(see: (chunk: Buffer) => void): Transform {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      see(chunk);
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = completeEnd(bytes);
      const whole = bytes.subarray(0, end);
      if (!isUtf8(whole)) return done(notUtf8(whole, line));
      for (const byte of whole) if (byte === 10) line++;
      rest = Buffer.from(bytes.subarray(end));
      done(null, whole);
    },
    flush(done) {
      done(rest.length === 0 ? null : notUtf8(rest, line));
    },
  });
}

function notUtf8(bytes: Buffer, firstLine: number): CliError {
  let line = firstLine;
  let start = 0;
  for (let i = 0; i <= bytes.length; i++) {
    if (i < bytes.length && bytes[i] !== 10) continue;
    if (!isUtf8(bytes.subarray(start, i))) break;
    line++;
    start = i + 1;
  }
  return new CliError(
    'encoding-invalid',
    `line ${line} is not UTF-8: convert the file, for example with iconv -f latin1 -t utf-8`,
  );
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
