// A Fastify service with an ONNX model, as ES module. It knows nothing of Leeway: `npm start` loads @leeway/register.
import Fastify from 'fastify';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const session = await InferenceSession.create(new URL('model.onnx', import.meta.url).pathname);
const app = Fastify();

app.get('/health', () => ({ status: 'ok' }));

app.post('/score', async ({ body }) => {
  const rows = Array.isArray(body) ? body : [body];
  const numbers = (name) =>
    new Tensor(
      'float32',
      Float32Array.from(rows, (row) => row[name]),
      [rows.length, 1],
    );
  const plan = new Tensor(
    'string',
    rows.map((row) => String(row.plan)),
    [rows.length, 1],
  );
  const { label, probabilities } = await session.run({ age: numbers('age'), amount: numbers('amount'), plan });
  return rows.map((_, row) => ({ label: label.data[row], score: probabilities.data[2 * row + 1] }));
});

await app.listen({ port: Number(process.env.PORT ?? 8080), host: '127.0.0.1' });
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => app.close());
