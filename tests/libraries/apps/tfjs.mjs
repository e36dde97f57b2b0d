// Models of TensorFlow.js in every form, each with the number of tensors before and after.

import { describeModel } from '@leeway/instrumentation';
import * as tf from '@tensorflow/tfjs';

const weights = [
  [1, 0],
  [0, 1],
  [0, 0],
];
const dense = (inputShape) =>
  tf.layers.dense({ units: 2, inputShape, activation: 'softmax', weights: [tf.tensor2d(weights), tf.zeros([2])] });
const sequential = tf.sequential({ name: 'seq', layers: [dense([3])] });
const input = tf.input({ shape: [3] });
const functional = tf.model({ name: 'functional', inputs: input, outputs: dense().apply(input) });
describeModel(sequential, { features: ['a', 'b', 'c'], classes: ['left', 'right'] });
describeModel(functional, { features: ['a', 'b', 'c'], classes: ['left', 'right'] });
const x = tf.tensor2d([
  [5, 1, 2],
  [1, 5, 2],
]);

/** The number of tensors that a call leaves behind beyond its result, and whether its input still lives. */
async function check(name, call) {
  const before = tf.memory().numTensors;
  const result = await call();
  const results = Array.isArray(result) ? result : [result];
  console.log(name, tf.memory().numTensors - before - results.length, x.isDisposed, results[0].shape.join('x'));
  tf.dispose(result);
}

await check('predict', () => sequential.predict(x));
await check('predictOnBatch', () => sequential.predictOnBatch(x));
await check('functional', () => functional.predict(x, { batchSize: 1 }));

// A graph: softmax(x · w), as tf.loadGraphModel gets it from the converter.
const shape = (...dims) => ({ shape: { dim: dims.map((size) => ({ size: String(size) })) } });
const type = { dtype: { type: 'DT_FLOAT' } };
const w = new Float32Array(weights.flat());
const graph = await tf.loadGraphModel({
  load: async () => ({
    modelTopology: {
      node: [
        { name: 'x', op: 'Placeholder', attr: { ...type, shape: shape(-1, 3) } },
        {
          name: 'w',
          op: 'Const',
          attr: {
            ...type,
            value: { tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '3' }, { size: '2' }] } } },
          },
        },
        {
          name: 'logits',
          op: 'MatMul',
          input: ['x', 'w'],
          attr: { T: { type: 'DT_FLOAT' }, transpose_a: { b: false }, transpose_b: { b: false } },
        },
        { name: 'probabilities', op: 'Softmax', input: ['logits'], attr: { T: { type: 'DT_FLOAT' } } },
      ],
      versions: { producer: 1 },
    },
    weightSpecs: [{ name: 'w', shape: [3, 2], dtype: 'float32' }],
    weightData: w.buffer,
  }),
});
describeModel(graph, { name: 'graph', features: ['a', 'b', 'c'], classes: ['left', 'right'] });
await check('graph.predict', () => graph.predict(x));
await check('graph.execute', () => graph.execute({ x }));
await check('graph.executeAsync', () => graph.executeAsync({ x }, 'probabilities'));
await check('graph.predictAsync', () => graph.predictAsync(x));
await check('graph.inner', () => graph.execute({ x }, 'logits'));

const errorOf = async (call) => {
  try {
    await call();
  } catch (error) {
    console.log('error', error.constructor.name);
  }
};
await errorOf(() => sequential.predict(tf.tensor2d([[1, 2]])));
await errorOf(() => graph.executeAsync({ y: x }));
const gone = tf.tensor2d([[1, 2, 3]]);
gone.dispose();
await errorOf(() => sequential.predict(gone));

const off = globalThis.instrumentations.tfjs;
off?.disable();
sequential.predict(x).dispose();
off?.enable();
sequential.predict(x).dispose();
console.log('done');
