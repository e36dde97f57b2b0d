/** A walk over the fields of a protobuf message by position: payloads are skipped by their length. */
import type { ByteSource } from './byte-source.ts';

export interface FieldHandler {
  /** Field `number` with its payload at [from, to). */
  bytes?(number: number, from: number, to: number): void;
  varint?(number: number, value: bigint): void;
}

const VARINT_BYTES_MAX = 10;

/** @throws RangeError when the bytes are no such message */
export function walkFields(source: ByteSource, from: number, to: number, handler: FieldHandler): void {
  let at = from;
  const varint = (): bigint => {
    const bytes = source.read(at, Math.min(VARINT_BYTES_MAX, to - at));
    let value = 0n;
    for (let i = 0; i < bytes.length; i++) {
      value |= BigInt(bytes[i] & 0x7f) << BigInt(7 * i);
      if (bytes[i] < 0x80) {
        at += i + 1;
        return value;
      }
    }
    throw new RangeError('a varint does not end');
  };
  while (at < to) {
    const tag = Number(varint());
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0) throw new RangeError('field number 0');
    if (wire === 0) {
      const value = varint();
      handler.varint?.(number, value);
    } else if (wire === 2) {
      const length = Number(varint());
      if (length > to - at) throw new RangeError('a field is longer than its message');
      handler.bytes?.(number, at, at + length);
      at += length;
    } else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    else throw new RangeError('unknown wire type');
  }
  if (at > to) throw new RangeError('a field is longer than its message');
}
