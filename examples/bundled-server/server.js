// A server that is bundled into one file, dist/server.js: only the native runtime stays outside.
import { createServer } from 'node:http';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { register } from './instrumentation.js';

const sdk = register();
const session = await InferenceSession.create(process.env.MODEL ?? 'model.onnx');

async function score({ age, amount, plan }) {
  const number = (value) => new Tensor('float32', Float32Array.of(value), [1, 1]);
  const result = await session.run({
    age: number(age),
    amount: number(amount),
    plan: new Tensor('string', [plan], [1, 1]),
  });
  return { label: result.label.data[0] };
}

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  try {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(request.method === 'POST' ? await score(JSON.parse(body)) : { status: 'ok' }));
  } catch {
    response.end(JSON.stringify({ error: 'age, amount and plan, please' }));
  }
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    server.close();
    server.closeIdleConnections();
    await sdk.shutdown();
  });
}
