/** Linear models of n inputs as ONNX files, so that a bare run is as short as the runtime allows. */

type Field = readonly [number: number, value: number | string | Uint8Array | readonly Field[]];

const FLOAT = 1;

const INT64 = 7;
/** Of the attributes of a node: `INT` in onnx.proto3. */
const ATTRIBUTE_INT = 2;

/** @returns bytes of a ModelProto: y[1,1] = x[1,n] · w[n,1] (field numbers: onnx.proto3) */
export function linearModel(width: number): Uint8Array {
  return model('linear', [node('MatMul', ['x', 'w'], ['y'])], weights(width, 1), [
    [11, value('x', FLOAT, [1, width])],
    [12, value('y', FLOAT, [1, 1])],
  ]);
}

/** @returns as classifiers are exported: label[1], the index of the class, and probabilities[1,2] */
export function classifierModel(width: number): Uint8Array {
  const nodes = [
    node('MatMul', ['x', 'w'], ['logits']),
    node('Softmax', ['logits'], ['probabilities']),
    node('ArgMax', ['logits'], ['label'], { axis: 1, keepdims: 0 }),
  ];
  return model('classifier', nodes, weights(width, 2), [
    [11, value('x', FLOAT, [1, width])],
    [12, value('label', INT64, [1])],
    [12, value('probabilities', FLOAT, [1, 2])],
  ]);
}

function model(name: string, nodes: readonly Field[], tensor: readonly Field[], values: readonly Field[]): Uint8Array {
  return message([
    [1, 8],
    [8, [[2, 13]]],
    [7, [...nodes, [2, name], [5, tensor], ...values]],
  ]);
}

function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, number>> = {},
): Field {
  const settings = Object.entries(attributes).map(
    ([name, value]): Field => [
      5,
      [
        [1, name],
        [3, value],
        [20, ATTRIBUTE_INT],
      ],
    ],
  );
  return [
    1,
    [...inputs.map((name): Field => [1, name]), ...outputs.map((name): Field => [2, name]), [4, type], ...settings],
  ];
}

/** The initializer w[n,k]. */
function weights(width: number, columns: number): Field[] {
  const values = Float32Array.from({ length: width * columns }, (_, i) => (i % 7) / 7);
  return [
    [1, width],
    [1, columns],
    [2, FLOAT],
    [8, 'w'],
    [9, new Uint8Array(values.buffer)],
  ];
}

function value(name: string, type: number, dims: readonly number[]): Field[] {
  const shape: Field[] = dims.map((dim) => [1, [[1, dim]]]);
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, type],
            [2, shape],
          ],
        ],
      ],
    ],
  ];
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
