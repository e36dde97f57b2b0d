/**
 * Walks over values that nobody reads: their lengths and their depth must hold all the same. Also the tags of values.
 *
 * Field numbers: opentelemetry-proto 1.11, common.proto.
 */
import { VALUE_DEPTH_MAX } from './limits.ts';
import type { ProtobufReader } from './protobuf-reader.ts';
import { undecodable } from './scan-fault.ts';

/** Tags: field number × 8 + wire type. */
export const KEY_VALUE = { key: (1 << 3) | 2, value: (2 << 3) | 2 } as const;
export const ANY_VALUE = {
  string: (1 << 3) | 2,
  bool: (2 << 3) | 0,
  int: (3 << 3) | 0,
  double: (4 << 3) | 1,
  array: (5 << 3) | 2,
  list: (6 << 3) | 2,
  bytes: (7 << 3) | 2,
} as const;
/** ArrayValue and KeyValueList. */
export const LIST = { values: (1 << 3) | 2 } as const;

export class ProtobufNesting {
  readonly #reader: ProtobufReader;

  constructor(reader: ProtobufReader) {
    this.#reader = reader;
  }

  /** An AnyValue on level `depth`. */
  check(at: number, end: number, depth: number): void {
    const reader = this.#reader;
    if (depth > VALUE_DEPTH_MAX) undecodable(`values are nested deeper than ${VALUE_DEPTH_MAX}`, at);
    while (at < end) {
      const tag = reader.tag(at, end);
      at = this.field(tag, reader.at, end, depth);
    }
  }

  /** The field `tag` of such an AnyValue; returns its end. */
  field(tag: number, at: number, end: number, depth: number): number {
    const reader = this.#reader;
    if (tag !== ANY_VALUE.array && tag !== ANY_VALUE.list) return reader.skip(tag, at, end);
    const stop = reader.open(at, end);
    for (at = reader.at; at < stop; ) {
      const inner = reader.tag(at, stop);
      if (inner !== LIST.values) {
        at = reader.skip(inner, reader.at, stop);
        continue;
      }
      const innerEnd = reader.open(reader.at, stop);
      if (tag === ANY_VALUE.array) this.check(reader.at, innerEnd, depth + 1);
      else this.#checkKeyValue(reader.at, innerEnd, depth + 1);
      at = innerEnd;
    }
    return stop;
  }

  #checkKeyValue(at: number, end: number, depth: number): void {
    const reader = this.#reader;
    while (at < end) {
      const tag = reader.tag(at, end);
      if (tag !== KEY_VALUE.value) {
        at = reader.skip(tag, reader.at, end);
        continue;
      }
      const stop = reader.open(reader.at, end);
      this.check(reader.at, stop, depth);
      at = stop;
    }
  }
}
