import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readOnnxHeader } from './onnx-header.ts';
import { sessionModel } from './session-model.ts';
import { featureColumns, predictionColumns, type TensorLike } from './tensor-columns.ts';

const tensor = (type: string, dims: number[], data: ArrayLike<unknown>, location = 'cpu'): TensorLike => ({
  type,
  dims,
  data,
  location,
});
const read = ({ features }: ReturnType<typeof featureColumns>, rows: number) =>
  Object.fromEntries(features.map(({ name, at }) => [name, Array.from({ length: rows }, (_, row) => at(row))]));

test('one input a feature: columns by name', () => {
  const columns = featureColumns(
    { age: tensor('float32', [2, 1], [30, 40]), plan: tensor('string', [2], ['a', 'b']) },
    undefined,
  );
  expect(columns.rowCount).toBe(2);
  expect(read(columns, 2)).toEqual({ age: [30, 40], plan: ['a', 'b'] });
});

test('one [n, k] input: columns by the described names; without names, no values and a reason', () => {
  const matrix = tensor('float32', [2, 3], [1, 2, 3, 4, 5, 6]);
  expect(read(featureColumns({ x: matrix }, ['a', 'b', 'c']), 2)).toEqual({ a: [1, 4], b: [2, 5], c: [3, 6] });
  expect(featureColumns({ x: matrix }, undefined)).toEqual({ rowCount: 2, features: [], skippedReason: 'names' });
  expect(featureColumns({ x: matrix }, ['a'])).toMatchObject({ skippedReason: 'shape' });
});

test('what is not known gives no values and a reason', () => {
  expect(featureColumns({}, undefined)).toMatchObject({ skippedReason: 'shape' });
  expect(featureColumns({ x: tensor('float16', [1, 1], [1]) }, undefined)).toMatchObject({ skippedReason: 'dtype' });
  expect(featureColumns({ x: tensor('float32', [1, 1], [1], 'gpu-buffer') }, undefined)).toMatchObject({
    skippedReason: 'dtype',
  });
  expect(featureColumns({ x: tensor('float32', [1, 3, 224, 224], []) }, undefined)).toMatchObject({
    skippedReason: 'shape',
  });
  expect(featureColumns({ x: 7 as never }, undefined)).toMatchObject({ skippedReason: 'shape' });
});

test('outputs of the usual exporters: label and probabilities, with and without classes', () => {
  const outputs = {
    output_label: tensor('int64', [2], [1n, 0n]),
    output_probability: tensor('float32', [2, 2], [0.2, 0.8, 0.7, 0.3]),
  };
  const { label, score, scores } = predictionColumns(outputs, 2, ['no', 'yes']);
  expect([label?.at(0), label?.at(1)]).toEqual(['yes', 'no']);
  expect([score?.at(0), score?.at(1)]).toEqual([0.8, 0.7]);
  expect(scores?.map(({ name, at }) => [name, at(0)])).toEqual([
    ['no', 0.2],
    ['yes', 0.8],
  ]);
  const logits = predictionColumns({ logits: tensor('float32', [1, 3], [0.1, 0.7, 0.2]) }, 1, undefined);
  expect(logits.label?.at(0)).toBe('1');
  expect(predictionColumns({ variable: tensor('float32', [2, 1], [3.5, 4.5]) }, 2, undefined).value?.at(1)).toBe(4.5);
});

test('the header of a real model: names, version, classes, inputs', () => {
  const bytes = readFileSync(new URL('../../../examples/flights/service/model/late-flights.onnx', import.meta.url));
  const header = readOnnxHeader(bytes);
  expect(header).toMatchObject({ producerName: 'leeway-example', graphName: 'late-flights' });
  expect(header?.inputNames).toEqual(['hour', 'day_of_week', 'distance', 'origin', 'destination']);
  const { info, classes } = sessionModel(undefined, header, {}, '1.30.0');
  expect(info).toMatchObject({ name: 'late-flights', version: '1', runtimeName: 'onnxruntime' });
  expect(classes).toEqual(['on_time', 'late']);
});

test('bytes that are no model have no header', () => {
  expect(readOnnxHeader(Uint8Array.from([0xff, 0xff, 0xff]))).toBeUndefined();
  expect(readOnnxHeader(new Uint8Array(0))).toMatchObject({ inputNames: [] });
});

test('the application’s description comes before environment and file', () => {
  const model = (description: Parameters<typeof sessionModel>[0], env = {}) =>
    sessionModel(description, undefined, env, undefined).info.name;
  expect([
    model({ name: 'mine' }, { LEEWAY_MODEL_NAME: 'env' }),
    model(undefined, { LEEWAY_MODEL_NAME: 'env' }),
    model(undefined),
  ]).toEqual(['mine', 'env', 'onnx']);
});
