/** What the usual exporters put out, run by the real onnxruntime; expected numbers come from the training libraries. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeModel } from '@leeway/instrumentation';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Telemetry } from '../test/telemetry.ts';

interface Expected {
  readonly label?: readonly (string | number)[];
  readonly scores?: readonly (readonly number[])[];
  readonly value?: readonly number[];
}
const fixture = (name: string) => fileURLToPath(new URL(`../test/fixtures/models/${name}`, import.meta.url));
const { rows, ...expected } = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as {
  rows: number[][];
  [model: string]: Expected & { plans?: string[]; second?: number[] } & number[][];
};
const FEATURES = ['a', 'b', 'c'];

let telemetry: Telemetry;
beforeEach(() => {
  telemetry = new Telemetry({ LEEWAY_CAPTURE_FEATURES: '*' });
});
afterEach(() => telemetry.stop());

const matrix = () => new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, 3]);

async function scored(name: string, description: Parameters<typeof describeModel>[1] = {}) {
  const session = await InferenceSession.create(fixture(`${name}.onnx`));
  describeModel(session, { features: FEATURES, ...description });
  await session.run({ [session.inputNames[0]]: matrix() });
  return telemetry.only;
}

const column = (index: number) => rows.map((row) => row[index]);
const near = (values: readonly number[], digits = 5) => values.map((value) => expect.closeTo(value, digits));
const scoresOf = (attributes: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([key]) => key.startsWith('ml.prediction.scores.'))
      .map(([key, value]) => [key.slice('ml.prediction.scores.'.length), value]),
  );

/** Classes of each model in the order of its scores; labels where they have other names. */
const CLASSIFIERS: readonly (readonly [model: string, classes: readonly string[]])[] = [
  ['skl-logistic', ['no', 'yes']],
  ['skl-forest', ['3', '7', '9']],
  ['xgboost-binary', ['0', '1']],
  ['xgboost-classes', ['0', '1', '2']],
  ['lightgbm-binary', ['0', '1']],
  ['lightgbm-classes', ['0', '1', '2']],
  ['torch-softmax', ['0', '1', '2']],
];

test.each(CLASSIFIERS)('%s: features, labels, scores by class', async (name, classes) => {
  const attributes = await scored(name);
  const { label = [], scores = [] } = expected[name];
  expect(attributes['ml.capture.skipped.reason']).toBeUndefined();
  for (const [index, feature] of FEATURES.entries())
    expect(attributes[`ml.features.${feature}`]).toEqual(column(index));
  expect(attributes['ml.prediction.label']).toEqual(label.map(String));
  expect(scoresOf(attributes)).toEqual(
    Object.fromEntries(classes.map((name, i) => [name, near(scores.map((row) => row[i]))])),
  );
  expect(attributes['ml.prediction.score']).toEqual(
    near(scores.map((row, i) => row[classes.indexOf(String(label[i]))])),
  );
});

test.each(['skl-linear', 'xgboost-value', 'torch-value'])('%s: a value', async (name) => {
  const attributes = await scored(name);
  expect(attributes['ml.prediction.value']).toEqual(near(expected[name].value ?? []));
  expect([attributes['ml.prediction.label'], scoresOf(attributes)]).toEqual([undefined, {}]);
});

test('a label and a number that is no probability (IsolationForest): label and value', async () => {
  const attributes = await scored('skl-isolation');
  expect(attributes['ml.prediction.label']).toEqual(expected['skl-isolation'].label?.map(String));
  expect(attributes['ml.prediction.value']).toEqual(near(expected['skl-isolation'].value ?? []));
});

test('a label and distances (k-means): the label only', async () => {
  const attributes = await scored('skl-kmeans');
  expect(attributes['ml.prediction.label']).toEqual(expected['skl-kmeans'].label?.map(String));
  expect([attributes['ml.prediction.score'], scoresOf(attributes)]).toEqual([undefined, {}]);
});

test('logits: label by argmax, no score', async () => {
  const attributes = await scored('torch-logits', { classes: ['red', 'green', 'blue'] });
  const label = expected['torch-logits'].label?.map((index) => ['red', 'green', 'blue'][Number(index)]);
  expect(attributes['ml.prediction.label']).toEqual(label);
  expect([attributes['ml.prediction.score'], scoresOf(attributes)]).toEqual([undefined, {}]);
});

test('numbers that nobody says are classes are not interpreted, and counted', async () => {
  const attributes = await scored('torch-unnamed');
  expect(Object.keys(attributes).filter((key) => key.startsWith('ml.prediction'))).toEqual([]);
  expect(attributes['ml.capture.skipped.reason']).toBe('output_shape');
  expect(await telemetry.points('ml.capture.skipped')).toMatchObject([
    { value: 4, attributes: { 'leeway.reason': 'output_shape' } },
  ]);
});

test('a sigmoid is a value until classes are known, then both classes', async () => {
  const second = expected['torch-sigmoid'].second ?? [];
  expect((await scored('torch-sigmoid'))['ml.prediction.value']).toEqual(near(second));
  telemetry.reset();
  const attributes = await scored('torch-sigmoid', { classes: ['ok', 'fraud'] });
  expect(attributes['ml.prediction.label']).toEqual(second.map((p) => (p >= 0.5 ? 'fraud' : 'ok')));
  expect(attributes['ml.prediction.score']).toEqual(near(second.map((p) => Math.max(p, 1 - p))));
  expect(scoresOf(attributes)).toEqual({ ok: near(second.map((p) => 1 - p)), fraud: near(second) });
});

test('half floats: outputs', async () => {
  const session = await InferenceSession.create(fixture('half-output.onnx'));
  const feeds = () => ({ x: new Tensor('float32', Float32Array.of(0.25, 0.5, 0.25), [1, 3]) });
  await session.run(feeds());
  // One operator without weights: it is watched only when the application says that it is a model.
  expect(telemetry.spans).toEqual([]);
  describeModel(session, { features: FEATURES });
  await session.run(feeds());
  expect(telemetry.only['ml.prediction.label']).toBe('1');
  expect(scoresOf(telemetry.only)).toEqual({ 0: 0.25, 1: 0.5, 2: 0.25 });
});

test('half floats: inputs, although onnxruntime-node 1.30 refuses them where Float16Array exists', async () => {
  const session = await InferenceSession.create(fixture('torch-half.onnx'));
  describeModel(session, { features: FEATURES });
  // Bits of 0.5, 1 and −2: IEEE 754 binary16.
  await session
    .run({ x: new Tensor('float16', Uint16Array.of(0x3800, 0x3c00, 0xc000), [1, 3]) })
    .catch(() => undefined);
  expect(FEATURES.map((name) => telemetry.only[`ml.features.${name}`])).toEqual([0.5, 1, -2]);
});

test('one input a feature, numbers and strings: by the names of the inputs', async () => {
  const session = await InferenceSession.create(fixture('skl-columns.onnx'));
  const { plans = [], label = [], scores = [] } = expected['skl-columns'];
  await session.run({
    // Not in the order of the model.
    plan: new Tensor('string', plans, [4, 1]),
    amount: new Tensor('float32', Float32Array.from(column(1)), [4, 1]),
    age: new Tensor('float32', Float32Array.from(column(0)), [4, 1]),
  });
  const { only } = telemetry;
  expect(only['ml.features.plan']).toEqual(plans);
  expect([only['ml.features.age'], only['ml.features.amount']]).toEqual([column(0), column(1)]);
  expect(only['ml.prediction.label']).toEqual(label);
  expect(scoresOf(only)).toEqual({
    no: near(scores.map(([no]) => no)),
    yes: near(scores.map(([, yes]) => yes)),
  });
});

test('several inputs: a matrix by the described names, a single column by its own; booleans', async () => {
  const session = await InferenceSession.create(fixture('two-inputs.onnx'));
  describeModel(session, { features: ['a', 'b'] });
  const feeds = {
    flag: new Tensor('bool', [true, false], [2, 1]),
    pair: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]),
  };
  await session.run(feeds);
  expect(telemetry.only).toMatchObject({
    'ml.features.a': [1, 3],
    'ml.features.b': [2, 4],
    'ml.features.flag': [true, false],
  });
  telemetry.reset();
  const other = await InferenceSession.create(fixture('two-inputs.onnx'));
  describeModel(other, { features: ['a', 'b', 'c'] });
  await other.run(feeds);
  expect(telemetry.only).toMatchObject({ 'ml.features.a': [1, 3], 'ml.features.c': [true, false] });
});

test('64-bit integers are numbers', async () => {
  const session = await InferenceSession.create(fixture('integers.onnx'));
  describeModel(session, { features: FEATURES });
  await session.run({ ids: new Tensor('int64', BigInt64Array.of(1n, -2n, 3n), [1, 3]) });
  expect(telemetry.only).toMatchObject({ 'ml.features.a': 1, 'ml.features.b': -2, 'ml.features.c': 3 });
});

test('ZipMap: onnxruntime-node refuses, the error passes and is counted; the label alone can be had', async () => {
  const session = await InferenceSession.create(fixture('skl-logistic-zipmap.onnx'));
  describeModel(session, { features: FEATURES });
  await expect(session.run({ X: matrix() })).rejects.toThrow('Non tensor type is temporarily not supported.');
  expect(telemetry.only['error.type']).toBe('Error');
  expect(await telemetry.points('ml.inference.duration')).toMatchObject([{ attributes: { 'error.type': 'Error' } }]);
  telemetry.reset();
  await session.run({ X: matrix() }, ['output_label']);
  expect(telemetry.only['ml.prediction.label']).toEqual(expected['skl-logistic-zipmap'].label);
});

test('labels of classes with other names: by their place in the file', async () => {
  const attributes = await scored('skl-forest', { classes: ['small', 'middle', 'large'] });
  const names = expected['skl-forest'].label?.map((code) => ({ 3: 'small', 7: 'middle', 9: 'large' })[code as 3]);
  expect(attributes['ml.prediction.label']).toEqual(names);
  expect(Object.keys(scoresOf(attributes))).toEqual(['small', 'middle', 'large']);
});

test('predictions are counted by label', async () => {
  await scored('skl-logistic');
  const points = await telemetry.points('ml.predictions');
  expect(Object.fromEntries(points.map(({ attributes, value }) => [attributes['ml.prediction.label'], value]))).toEqual(
    {
      no: 2,
      yes: 2,
    },
  );
});
