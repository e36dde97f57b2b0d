// The layers package alone, required.
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const layers = require('@tensorflow/tfjs-layers');

const model = layers.sequential({ layers: [layers.layers.dense({ units: 1, inputShape: [2] })] });
model.predict(tf.tensor2d([[1, 2]]));
console.log('done');
