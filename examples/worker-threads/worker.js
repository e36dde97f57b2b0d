import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const session = await InferenceSession.create(new URL('model.onnx', import.meta.url).pathname);
for (const { age, amount, plan } of workerData) {
  const number = (value) => new Tensor('float32', Float32Array.of(value), [1, 1]);
  await session.run({ age: number(age), amount: number(amount), plan: new Tensor('string', [plan], [1, 1]) });
}
parentPort.postMessage(workerData.length);
