/** Texts of one batch as UTF-8, one behind the other: what intake compares and hashes. Rewound with every batch. */

const BYTES_START = 1 << 16;
/** Beyond this the bytes are let go after the batch. */
export const TEXT_BYTES_KEPT = 1 << 20;
/** Intake takes no longer text as a value; a few more bytes are kept, so that it sees that there are more. */
const TEXT_BYTES_MAX = 1024 + 4;
/** UTF-8 has at most three bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

export class TextBytes {
  bytes = new Uint8Array(BYTES_START);
  /** Over the same bytes. */
  view = new DataView(this.bytes.buffer);
  /** Of the text that was put last. */
  offset = 0;
  length = 0;
  #used = 0;

  get used(): number {
    return this.#used;
  }

  put(text: string): void {
    const at = this.#used;
    const room = Math.min(TEXT_BYTES_MAX, BYTES_PER_UNIT * text.length);
    if (at + room > this.bytes.length) this.#grow(at + room);
    this.offset = at;
    this.length = text.length <= TEXT_BYTES_MAX ? this.#putAscii(text, at) : -1;
    if (this.length < 0) this.length = encoder.encodeInto(text, this.bytes.subarray(at, at + room)).written;
    this.#used = at + this.length;
  }

  clear(): void {
    this.#used = 0;
    if (this.bytes.length > TEXT_BYTES_KEPT) this.#replace(new Uint8Array(BYTES_START));
  }

  /** Most texts are ASCII and short: a loop is faster than a call of the encoder. −1 when it is not ASCII. */
  #putAscii(text: string, at: number): number {
    const { bytes } = this;
    const { length } = text;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return -1;
      bytes[at + i] = code;
    }
    return length;
  }

  #grow(size: number): void {
    const grown = new Uint8Array(2 * size);
    grown.set(this.bytes);
    this.#replace(grown);
  }

  #replace(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
