/** Bodies out of their compression, never beyond the limit: 200 MiB of zeros are 6 kB of zstd. */
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Compression } from './batch.ts';
import { ScanFault } from './scan-fault.ts';

/** Output chunks about as large as the body will be: telemetry shrinks to a sixth. */
const EXPANSION = 6;
const CHUNK_BYTES_MIN = 16 * 1024;
const CHUNK_BYTES_MAX = 8 * 2 ** 20;

/** What the trailer says (RFC 1952, ISIZE), with room to see the end; only a guess, since anybody can write anything. */
function gzipSize(body: Uint8Array): number {
  const at = body.length - 4;
  if (at < 0) return 0;
  return (body[at] | (body[at + 1] << 8) | (body[at + 2] << 16) | (body[at + 3] << 24)) + 64;
}

/** @throws ScanFault `too_large` beyond bytesMax, `undecodable` when the bytes are not what their header says */
export function inflateBody(body: Uint8Array, compression: Compression, bytesMax: number): Uint8Array {
  if (compression === 'identity') {
    if (body.length > bytesMax) throw new ScanFault('too_large', 'the body is larger than allowed');
    return body;
  }
  const guess = compression === 'gzip' ? gzipSize(body) : EXPANSION * body.length;
  const chunkSize = Math.min(CHUNK_BYTES_MAX, bytesMax + 64, Math.max(CHUNK_BYTES_MIN, guess));
  const options = { maxOutputLength: bytesMax, chunkSize };
  try {
    if (compression === 'gzip') return gunzipSync(body, options);
    return compression === 'deflate' ? inflateSync(body, options) : zstdDecompressSync(body, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new ScanFault('too_large', 'the body is larger than allowed after decompression');
    throw new ScanFault('undecodable', `the body is not valid ${compression}`);
  }
}

/**
 * Gives the memory of an inflated body back at once; nothing may read it afterwards. Left to garbage collection, a
 * megabyte a request makes V8 collect the old generation several times a second, for bytes alone.
 */
export function releaseBody({ buffer }: Uint8Array): void {
  // Small ones may lie in the pool that Node's buffers share.
  if (buffer.byteLength > Buffer.poolSize && buffer instanceof ArrayBuffer) (buffer as Transferable).transfer(0);
}

/** ES2024, in Node since 21. */
type Transferable = ArrayBuffer & { transfer(byteLength: number): ArrayBuffer };
