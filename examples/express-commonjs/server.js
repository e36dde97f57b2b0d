// An Express service in CommonJS whose model is code of its own. The inference id goes back in a header, so that whoever
// learns the truth can send it: POST /truth.
const express = require('express');
const { currentInferenceId, monitor, recordGroundTruth } = require('@leeway/instrumentation');

const model = { name: 'credit-limit', version: '3', classes: ['approve', 'review'] };
const credit = monitor({ model, features: { income: 'number', debt: 'number', country: 'string' } });

function decide({ income, debt }) {
  const risk = 1 / (1 + Math.exp(-(debt / Math.max(1, income) - 1)));
  return { label: risk > 0.5 ? 'review' : 'approve', score: Math.max(risk, 1 - risk) };
}

const app = express();
app.use(express.json());

app.get('/health', (_request, response) => response.json({ status: 'ok' }));

app.post('/score', (request, response) => {
  const { income, debt, country } = request.body;
  const decision = credit.predict({ income, debt, country }, () => {
    response.set('x-inference-id', currentInferenceId());
    return decide({ income, debt });
  });
  response.json(decision);
});

app.post('/truth', (request, response) => {
  const { inferenceId, label } = request.body;
  recordGroundTruth({ model, inferenceId, label, source: 'credit-bureau' });
  response.sendStatus(202);
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
