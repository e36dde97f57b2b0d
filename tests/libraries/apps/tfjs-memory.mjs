// Run with --expose-gc: tensors that the application has let go of are collected.
import * as tf from '@tensorflow/tfjs';

const held = [];
const scoreAll = async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  for (let i = 0; i < 50; i++) {
    const x = tf.tensor2d([[1, 2, 3]]);
    const y = model.predict(x);
    held.push(new WeakRef(x), new WeakRef(y));
    tf.dispose([x, y]);
  }
};
await scoreAll();
for (let i = 0; i < 20; i++) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  globalThis.gc();
}
console.log(held.length, held.filter((ref) => ref.deref() !== undefined).length);
