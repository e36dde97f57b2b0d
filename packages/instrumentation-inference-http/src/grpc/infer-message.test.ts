import { expect, test } from 'vitest';
import { readAll } from '../../test/columns.ts';
import { requestOfTensors } from '../oip-tensors.ts';
import { idOfMessage, modelOfMessage, tensorsOfMessage } from './infer-message.ts';

const read = (message: unknown, features?: string[]) =>
  readAll(requestOfTensors(tensorsOfMessage(message, 'inputs'), { features }));

/**
 * The shape of what protoc-gen-js generates; the generator itself is a native program that is not installed here.
 * https://github.com/protocolbuffers/protobuf-javascript/blob/main/docs/index.md
 */
const generated = (fields: Record<string, unknown>) => ({ toObject: () => fields });

test("google-protobuf's objects: lists by their own names, bytes as base64", () => {
  const message = generated({
    modelName: 'm',
    modelVersion: '',
    id: 'a',
    inputsList: [
      { name: 'age', datatype: 'FP64', shapeList: [2], contents: { fp64ContentsList: [1.5, 2], boolContentsList: [] } },
    ],
    rawInputContentsList: [],
  });
  expect([modelOfMessage(message), idOfMessage(message), read(message)]).toEqual([
    { name: 'm' },
    'a',
    { age: [1.5, 2] },
  ]);
  const raw = generated({
    modelName: 'm',
    inputsList: [{ name: 'age', datatype: 'INT32', shapeList: [2] }],
    rawInputContentsList: [Buffer.from(new Int32Array([7, -8]).buffer).toString('base64')],
  });
  expect(read(raw)).toEqual({ age: [7, -8] });
});

test.each([
  ['BOOL', Uint8Array, [1, 0], [true, false]],
  ['UINT8', Uint8Array, [1, 255], [1, 255]],
  ['INT8', Int8Array, [1, -1], [1, -1]],
  ['UINT16', Uint16Array, [1, 65_535], [1, 65_535]],
  ['INT16', Int16Array, [1, -1], [1, -1]],
  ['UINT32', Uint32Array, [1, 4_294_967_295], [1, 4_294_967_295]],
  ['INT32', Int32Array, [1, -1], [1, -1]],
  ['FP32', Float32Array, [1.5, -0.25], [1.5, -0.25]],
  ['FP64', Float64Array, [0.1, 1e300], [0.1, 1e300]],
] as const)('raw %s', (datatype, Typed, values, expected) => {
  // At an odd offset, as a slice of a larger buffer is.
  const bytes = Buffer.concat([Buffer.alloc(1), Buffer.from(new Typed(values).buffer)]).subarray(1);
  expect(read({ inputs: [{ name: 'x', datatype, shape: ['2'] }], raw_input_contents: [bytes] })).toEqual({
    x: expected,
  });
});

test('raw 64-bit integers, and Long objects', () => {
  const bytes = Buffer.from(new BigInt64Array([5n, -6n]).buffer);
  expect(read({ inputs: [{ name: 'x', datatype: 'INT64', shape: [2] }], raw_input_contents: [bytes] })).toEqual({
    x: [5n, -6n],
  });
  const long = { low: 5, high: 0, toString: () => '5' };
  const shape = [{ low: 1, high: 0, toString: () => '1' }];
  expect(read({ inputs: [{ name: 'x', datatype: 'INT64', shape, contents: { int64_contents: [long] } }] })).toEqual({
    x: [5],
  });
});
