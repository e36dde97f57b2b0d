import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { expect, test } from 'vitest';
import { valuesOf } from '../../test/memory-sdk.ts';
import { type Answer, json, withModelServer } from '../../test/model-server.ts';
import { withTelemetry } from '../../test/telemetry.ts';
import { describeRemoteModel } from '../described-remote-models.ts';
import { type SagemakerMiddlewareOptions, sagemakerMiddleware } from './sagemaker-middleware.ts';

const server = withModelServer();
const telemetry = withTelemetry();

function client(options: SagemakerMiddlewareOptions = { capture: { features: '*' } }): SageMakerRuntimeClient {
  const made = new SageMakerRuntimeClient({
    region: 'eu-west-1',
    endpoint: server.url(),
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 2,
  });
  made.middlewareStack.use(sagemakerMiddleware(options));
  return made;
}

const csv =
  (text: string): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/csv' }).end(text);

test('JSON rows and predictions, the SDK its own inference id', async () => {
  server.answer(
    json({
      predictions: [
        { score: 0.25, predicted_label: 0 },
        { score: 0.75, predicted_label: 1 },
      ],
    }),
  );
  const output = await client().send(
    new InvokeEndpointCommand({
      EndpointName: 'churn',
      TargetVariant: 'blue',
      InferenceId: 'order-7',
      ContentType: 'application/json',
      Body: JSON.stringify({
        instances: [
          { age: 31, plan: 'free' },
          { age: 40, plan: 'pro' },
        ],
      }),
    }),
  );
  expect(JSON.parse(output.Body.transformToString()).predictions).toHaveLength(2);
  const [span] = await telemetry.ended(1);
  expect([span.name, span.kind]).toEqual(['predict churn', 2]);
  expect(span.attributes).toMatchObject({
    'ml.model.version': 'blue',
    'ml.inference.id': 'order-7',
    'ml.system.name': 'sagemaker',
    'server.address': '127.0.0.1',
    'server.port': server.port(),
  });
  expect(valuesOf(span)).toEqual({
    'ml.features.age': [31, 40],
    'ml.features.plan': ['free', 'pro'],
    'ml.prediction.label': ['0', '1'],
    'ml.prediction.score': [0.25, 0.75],
    'ml.capture.probability': 1,
  });
});

test.each(['0.25,0.75', '0.25\n0.75\n'])(
  'CSV without a header, named by the description; answered by %j',
  async (text) => {
    describeRemoteModel('xgb', { features: ['age', 'income'] });
    server.answer(csv(text));
    const Body = new TextEncoder().encode('31,1e3\n40,\n');
    await client().send(new InvokeEndpointCommand({ EndpointName: 'xgb', ContentType: 'text/csv', Body }));
    expect(valuesOf((await telemetry.ended(1))[0])).toEqual({
      'ml.features.age': [31, 40],
      'ml.features.income': [1000, null],
      'ml.prediction.value': [0.25, 0.75],
      'ml.capture.probability': 1,
    });
  },
);

test('a multi-model endpoint: the model that is asked', async () => {
  server.answer(json([1]));
  const command = { EndpointName: 'many', TargetModel: 'fraud.tar.gz', Body: '[[1]]' };
  await client({}).send(new InvokeEndpointCommand(command));
  expect((await telemetry.ended(1))[0].name).toBe('predict fraud');
});

test.each([
  ['quotes', 'text/csv', '"a",1', 'csv'],
  ['another type', 'application/x-npy', 'x', 'content_type'],
  ['no JSON', 'application/json', '{', 'json'],
])('%s: a span without features, and the reason', async (_, ContentType, Body, reason) => {
  server.answer(json([0.5]));
  await client().send(new InvokeEndpointCommand({ EndpointName: 'churn', ContentType, Body }));
  const [span] = await telemetry.ended(1);
  expect(span.attributes['ml.capture.skipped.reason']).toBe(reason);
  expect(span.attributes['ml.prediction.value']).toBe(0.5);
});

test('retries are one inference; an error passes through, its name is the error.type', async () => {
  server.answer((response, one) =>
    server.received.length === 1 ? json({}, 500)(response, one) : json([0.5])(response, one),
  );
  await client().send(new InvokeEndpointCommand({ EndpointName: 'churn', Body: '[[1]]' }));
  expect([telemetry.spans().length, server.received.length]).toEqual([1, 2]);
  server.answer(json({ Message: 'secret' }, 424, { 'x-amzn-errortype': 'ModelError' }));
  const failing = client().send(new InvokeEndpointCommand({ EndpointName: 'churn', Body: '[[1]]' }));
  await expect(failing).rejects.toThrow('secret');
  const [, failed] = await telemetry.ended(2);
  expect(failed.attributes['error.type']).toBe('ModelError');
  expect(JSON.stringify(failed.attributes) + JSON.stringify(failed.events)).not.toContain('secret');
});
