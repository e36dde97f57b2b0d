/** Two inferences within a request over HTTP, which is for others to show. */
const { createServer, get } = require('node:http');

exports.score = async ({ InferenceSession, Tensor }) => {
  const session = await InferenceSession.create('model.onnx');
  const number = (value) => new Tensor('float32', Float32Array.of(value), [1, 1]);
  const text = (value) => new Tensor('string', [value], [1, 1]);
  const run = (hour) =>
    session.run({
      hour: number(hour),
      day_of_week: number(1),
      distance: number(500),
      origin: text('ORD'),
      destination: text('ATL'),
    });
  const server = createServer(async (_request, response) => {
    await run(8);
    await run(9);
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await new Promise((resolve) => get({ port: server.address().port }, (answer) => answer.resume().on('end', resolve)));
  server.close();
};
