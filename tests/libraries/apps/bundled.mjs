// Bundled: no hook sees the libraries, so they are handed over.
import * as tf from '@tensorflow/tfjs';
import * as onnxruntime from 'onnxruntime-node';

const { OnnxRuntimeInstrumentation, TfjsInstrumentation } = globalThis.instrumentations;
const model = tf.sequential({ name: 'bundled', layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
model.predict(tf.tensor2d([[1, 2]]));
new TfjsInstrumentation().manuallyInstrument(tf);
new OnnxRuntimeInstrumentation().manuallyInstrument(onnxruntime);
model.predict(tf.tensor2d([[1, 2]]));
const session = await onnxruntime.InferenceSession.create(process.argv[2]);
const x = new onnxruntime.Tensor('float32', Float32Array.of(0.1, 0.2, 0.3), [1, 3]);
console.log((await session.run({ X: x })).label.data[0]);
