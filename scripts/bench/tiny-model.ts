/** A linear model of n inputs as an ONNX file, so that a bare run is as short as the runtime allows. */

type Field = readonly [number: number, value: number | string | Uint8Array | readonly Field[]];

const FLOAT = 1;

/** @returns bytes of a ModelProto: y[1,1] = x[1,n] · w[n,1] (field numbers: onnx.proto3) */
export function linearModel(width: number): Uint8Array {
  const weights = Float32Array.from({ length: width }, (_, i) => (i % 7) / 7);
  const value = (name: string, dims: readonly number[]): Field[] => {
    const shape: Field[] = dims.map((dim) => [1, [[1, dim]]]);
    return [
      [1, name],
      [
        2,
        [
          [
            1,
            [
              [1, FLOAT],
              [2, shape],
            ],
          ],
        ],
      ],
    ];
  };
  return message([
    [1, 8],
    [8, [[2, 13]]],
    [
      7,
      [
        [
          1,
          [
            [1, 'x'],
            [1, 'w'],
            [2, 'y'],
            [4, 'MatMul'],
          ],
        ],
        [2, 'linear'],
        [
          5,
          [
            [1, width],
            [1, 1],
            [2, FLOAT],
            [8, 'w'],
            [9, new Uint8Array(weights.buffer)],
          ],
        ],
        [11, value('x', [1, width])],
        [12, value('y', [1, 1])],
      ],
    ],
  ]);
}

function message(fields: readonly Field[]): Uint8Array {
  const parts = fields.map(([number, value]) => {
    if (typeof value === 'number') return Uint8Array.from([...varint(number << 3), ...varint(value)]);
    const payload =
      typeof value === 'string'
        ? new TextEncoder().encode(value)
        : value instanceof Uint8Array
          ? value
          : message(value);
    return Uint8Array.from([...varint((number << 3) | 2), ...varint(payload.length), ...payload]);
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
