/**
 * A body as it passes by: copied chunk by chunk up to a limit, decompressed and parsed at the end. Over the limit nothing
 * of it is kept.
 */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';

export type BodyJson = { readonly json: unknown } | { readonly reason: string };

type Decompress = (bytes: Uint8Array, maxOutputLength: number) => Uint8Array;

const DECOMPRESS: Readonly<Record<string, Decompress | undefined>> = {
  gzip: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
  'x-gzip': (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
  deflate: (bytes, maxOutputLength) => inflateSync(bytes, { maxOutputLength }),
  br: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength }),
  zstd: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
};

/** Bodies that are surely no JSON; a fetch that was given a string says text/plain. */
const OTHER_CONTENT =
  /^(?:text\/(?:csv|html|event-stream)|multipart\/|image\/|audio\/|video\/|application\/(?:x-protobuf|protobuf|grpc|x-npy|zip))/i;

export class BoundedBody {
  readonly #bytesMax: number;
  #chunks: Uint8Array[] = [];
  #byteCount = 0;
  #isOver = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#byteCount === 0;
  }

  /** The sender may use its buffer again: the bytes are copied. */
  add(chunk: Uint8Array | string): void {
    if (this.#isOver) return;
    this.#byteCount += chunk.length;
    if (this.#byteCount > this.#bytesMax) {
      this.#isOver = true;
      this.#chunks = [];
    } else this.#chunks.push(Buffer.from(chunk as Uint8Array));
  }

  clear(): void {
    this.#chunks = [];
    this.#byteCount = 0;
    this.#isOver = false;
  }

  /**
   * Parses what came and lets go of it.
   *
   * @param jsonByteCount bytes of the JSON that stands before other content; all of it when undefined
   */
  take(contentType: string, contentEncoding: string, jsonByteCount?: number): BodyJson {
    const chunks = this.#chunks;
    const isOver = this.#isOver;
    this.clear();
    if (isOver) return { reason: 'body_limit' };
    if (OTHER_CONTENT.test(contentType)) return { reason: 'content_type' };
    const encoding = contentEncoding.trim().toLowerCase();
    let bytes: Uint8Array = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    if (encoding !== '' && encoding !== 'identity') {
      const decompress = Object.hasOwn(DECOMPRESS, encoding) ? DECOMPRESS[encoding] : undefined;
      if (decompress === undefined) return { reason: 'content_encoding' };
      try {
        bytes = decompress(bytes, this.#bytesMax);
      } catch (error) {
        const isBomb = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
        return { reason: isBomb ? 'body_limit' : 'content_encoding' };
      }
    }
    try {
      return {
        json: JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, jsonByteCount ?? bytes.length).toString()),
      };
    } catch {
      return { reason: 'json' };
    }
  }
}
