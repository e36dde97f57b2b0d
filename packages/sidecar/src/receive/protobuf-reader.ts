/**
 * Reading position in protobuf bytes, and what every message has in common: varints, lengths, fields to skip.
 *
 * Each method takes where to begin and the end of the enclosing message, never reads past it, and leaves `at` behind
 * what it read. Callers keep their own position in a local and read one-byte tags and lengths themselves: nearly all
 * are.
 *
 * Source: protobuf.dev, "Encoding". Stricter than a parser must be: a tag beyond 32 bits is refused.
 */
import { undecodable } from './scan-fault.ts';

const WIRE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;
const VARINT_BYTES_MAX = 10;
/** Groups within groups. OTLP has none; they may come as unknown fields. */
const GROUP_DEPTH_MAX = 32;

export class ProtobufReader {
  at = 0;
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  readonly #groups = new Float64Array(GROUP_DEPTH_MAX);

  start(bytes: Uint8Array, view: DataView): void {
    this.at = 0;
    this.bytes = bytes;
    this.view = view;
  }

  /** A varint as a signed 64-bit integer, rounded beyond 2^53. Bits beyond 64 are dropped, as parsers do. */
  varint(at: number, end: number): number {
    const bytes = this.bytes;
    if (at < end && bytes[at] < 0x80) {
      this.at = at + 1;
      return bytes[at];
    }
    const stop = Math.min(end, at + VARINT_BYTES_MAX);
    let low = 0;
    let high = 0;
    for (let shift = 0; at < stop; shift += 7) {
      const byte = bytes[at++];
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift > 28) high |= bits << (shift - 32);
      else {
        low |= bits << 28;
        high = bits >>> 4;
      }
      if (byte < 0x80) {
        this.at = at;
        return high * 0x1_0000_0000 + (low >>> 0);
      }
    }
    return undecodable(stop === end ? 'a varint is cut off' : 'a varint is longer than 10 bytes', at);
  }

  /** A tag of any length: field number × 8 + wire type. */
  tag(at: number, end: number): number {
    if (at < end && this.bytes[at] < 0x80) {
      this.at = at + 1;
      return this.bytes[at];
    }
    const tag = this.varint(at, end);
    if (tag < 0 || tag > 0xffff_ffff) undecodable('a tag is out of range', at);
    return tag;
  }

  /** Reads a length, leaves `at` where the content begins, and returns where it ends. */
  open(at: number, end: number): number {
    let length = at < end ? this.bytes[at] : 0x80;
    if (length < 0x80) this.at = at + 1;
    else length = this.varint(at, end);
    if (length < 0 || length > end - this.at) undecodable('a length exceeds what encloses it', at);
    return this.at + length;
  }

  /** Skips the field whose tag was just read; returns where the next one begins. */
  skip(tag: number, at: number, end: number): number {
    if (tag < 8) undecodable('field number 0', at);
    switch (tag & 7) {
      case WIRE.varint:
        this.varint(at, end);
        return this.at;
      case WIRE.fixed64:
        return this.fixed(at, end, 8);
      case WIRE.bytes:
        return this.open(at, end);
      case WIRE.groupStart:
        return this.#skipGroup(tag, at, end);
      case WIRE.fixed32:
        return this.fixed(at, end, 4);
      case WIRE.groupEnd:
        return undecodable('a group ends that did not begin', at);
      default:
        return undecodable('an invalid wire type', at);
    }
  }

  /** Where a value of fixed size ends. */
  fixed(at: number, end: number, length: number): number {
    if (length > end - at) undecodable('a fixed-size value is cut off', at);
    return at + length;
  }

  #skipGroup(tag: number, at: number, end: number): number {
    const groups = this.#groups;
    groups[0] = tag;
    let depth = 1;
    while (at < end) {
      const inner = this.tag(at, end);
      at = this.at;
      const wire = inner & 7;
      if (inner >= 8 && wire === WIRE.groupStart) {
        if (depth === GROUP_DEPTH_MAX) undecodable(`groups are nested deeper than ${GROUP_DEPTH_MAX}`, at);
        groups[depth++] = inner;
      } else if (wire === WIRE.groupEnd) {
        // Start and end of a group differ by one in the wire type.
        if (groups[--depth] + 1 !== inner) undecodable('a group ends that did not begin', at);
        if (depth === 0) return at;
      } else {
        at = this.skip(inner, at, end);
      }
    }
    return undecodable('a group is cut off', at);
  }
}
