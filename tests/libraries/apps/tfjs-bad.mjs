// Input that is none, tensors that throw, and a backend that would have to be waited for. Prints how each call ends.

import { describeModel } from '@leeway/instrumentation';
import * as tf from '@tensorflow/tfjs';
import cpu from '@tensorflow/tfjs-backend-cpu';

const model = tf.sequential({ name: 'bad', layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
describeModel(model, { features: ['a', 'b', 'c'] });
const throwing = new Proxy({}, { get: () => JSON.parse('no'), ownKeys: () => JSON.parse('no') });

async function end(name, call) {
  try {
    const result = await call();
    console.log('end', name, Array.isArray(result) ? 'list' : result.shape.join('x'));
  } catch (error) {
    console.log('end', name, error.constructor.name);
  }
}
await end('nothing', () => model.predict());
await end('number', () => model.predict(7));
await end('proxy', () => model.predict(throwing));
await end('list of proxies', () => model.predict([throwing]));
await end('image', () => model.predict(tf.zeros([1, 4, 4, 3])));
await end('complex', () => model.predict(tf.complex(tf.zeros([1, 3]), tf.zeros([1, 3]))));

// Kernels of the CPU under another name: a backend in main memory is all that runs here, but not all that there is.
tf.copyRegisteredKernels('cpu', 'faraway');
tf.registerBackend('faraway', () => new cpu.MathBackendCPU());
await tf.setBackend('faraway');
const x = tf.tensor2d([[1, 2, 3]]);
let readCount = 0;
x.dataSync = () => {
  readCount++;
  return [1, 2, 3];
};
await end('faraway', () => model.predict(x));
console.log('end', 'reads', readCount);
