// A secret in every value that a model of TensorFlow.js meets; one harmless feature is allowed.

import { describeModel } from '@leeway/instrumentation';
import * as tf from '@tensorflow/tfjs';

const SECRET = 'tell-nobody-7351';
const NUMBER = 73517351;
const weights = [tf.tensor2d([[0], [1]]), tf.zeros([1])];
const model = tf.sequential({ name: 'gate', layers: [tf.layers.dense({ units: 1, inputShape: [2], weights })] });
model.setUserDefinedMetadata({ [SECRET]: SECRET });
describeModel(model, { features: ['allowed', SECRET] });
console.log('secret out', model.predict(tf.tensor2d([[12, NUMBER]])).dataSync()[0]);
model.predict(tf.tensor2d([[12, NUMBER]]), { batchSize: 1, note: SECRET });
try {
  model.predict({ [SECRET]: tf.tensor2d([[SECRET]], [1, 1], 'string') });
} catch (error) {
  console.log('error', error.constructor.name);
}

class Thrower extends tf.layers.Layer {
  static className = 'Thrower';
  call() {
    throw new Error(SECRET);
  }
}
const failing = tf.sequential({ name: 'gate-error', layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
failing.predict(tf.tensor2d([[12, NUMBER]]));
failing.model.predictLoop = () => new Thrower().call();
try {
  failing.predict(tf.tensor2d([[12, NUMBER]]));
} catch (error) {
  console.log('error', error.message === SECRET);
}
