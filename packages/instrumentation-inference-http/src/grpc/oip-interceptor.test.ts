import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, type GrpcAnswer, grpcServer, inferClient } from '../../test/grpc-model.ts';
import { valuesOf } from '../../test/memory-sdk.ts';
import { withTelemetry } from '../../test/telemetry.ts';
import { describeRemoteModel } from '../described-remote-models.ts';
import { type OipInterceptorOptions, oipInterceptor } from './oip-interceptor.ts';

const telemetry = withTelemetry();
let server: grpc.Server;
let target: string;
let answer: GrpcAnswer;
let metadata: grpc.Metadata;
beforeAll(async () => {
  const started = await grpcServer(() => (one, reply) => {
    metadata = one.metadata;
    answer(one, reply);
  });
  ({ server, target } = started);
});
afterAll(() => server.forceShutdown());

const client = (options: OipInterceptorOptions = {}, keepCase = true, others: grpc.Interceptor[] = []) =>
  inferClient(target, keepCase, [...others, oipInterceptor({ capture: { features: '*' }, ...options })]);

const REQUEST = {
  model_name: 'iris-grpc',
  model_version: '2',
  id: 'order-7',
  inputs: [
    { name: 'age', datatype: 'FP32', shape: [2], contents: { fp32_contents: [1.5, 2.5] } },
    { name: 'count', datatype: 'INT64', shape: [2, 1], contents: { int64_contents: [7, 9_007_199_254_740_991] } },
    {
      name: 'plan',
      datatype: 'BYTES',
      shape: [2],
      contents: { bytes_contents: [Buffer.from('free'), Buffer.from('pro')] },
    },
  ],
};
const RESPONSE = {
  model_name: 'iris-grpc',
  outputs: [
    { name: 'predict', datatype: 'INT64', shape: [2], contents: { int64_contents: [1, 0] } },
    { name: 'predict_proba', datatype: 'FP64', shape: [2, 2], contents: { fp64_contents: [0.25, 0.75, 0.5, 0.5] } },
  ],
};
const CAPTURED = {
  'ml.features.age': [1.5, 2.5],
  'ml.features.count': [7, 9_007_199_254_740_991],
  'ml.features.plan': ['free', 'pro'],
  'ml.prediction.label': ['1', '0'],
  'ml.prediction.score': [0.75, 0.5],
  'ml.prediction.scores.0': [0.25, 0.5],
  'ml.prediction.scores.1': [0.75, 0.5],
  'ml.capture.probability': 1,
};

test.each([true, false])(
  'ModelInfer as a CLIENT span with the columns (names as in the proto file: %s)',
  async (keepCase) => {
    answer = (_, reply) => reply(null, RESPONSE);
    const camel = {
      modelName: 'iris-grpc',
      modelVersion: '2',
      id: 'order-7',
      inputs: REQUEST.inputs.map(({ contents, ...rest }) => ({
        ...rest,
        contents: Object.fromEntries(
          Object.entries(contents).map(([key, list]) => [key.replace('_contents', 'Contents'), list]),
        ),
      })),
    };
    const response = (await call(client({}, keepCase), 'ModelInfer', keepCase ? REQUEST : camel)) as object;
    expect(Object.values(response)).toContain('iris-grpc');
    const [span] = await telemetry.ended(1);
    expect([span.name, span.kind]).toEqual(['predict iris-grpc', 2]);
    expect(span.attributes).toMatchObject({
      'ml.model.version': '2',
      'ml.inference.id': 'order-7',
      'ml.system.name': 'kserve',
      'server.address': '127.0.0.1',
      'server.port': Number(target.split(':')[1]),
    });
    expect(valuesOf(span)).toEqual(CAPTURED);
    const { traceId, spanId } = span.spanContext();
    expect(metadata.get('traceparent')).toEqual([`00-${traceId}-${spanId}-01`]);
  },
);

test('raw contents, which Triton and its clients send, are decoded', async () => {
  describeRemoteModel('raw', { features: ['a', 'b', 'c'], classes: ['no', 'yes'] });
  answer = (_, reply) =>
    reply(null, {
      outputs: [{ name: 'probabilities', datatype: 'FP64', shape: [2, 2] }],
      raw_output_contents: [Buffer.from(new Float64Array([0.25, 0.75, 1, 0]).buffer)],
    });
  await call(client({ system: 'triton' }), 'ModelInfer', {
    model_name: 'raw',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 3] }],
    raw_input_contents: [Buffer.from(new Float32Array([1, 2, 3, 4, 5, 6.5]).buffer)],
  });
  const [span] = await telemetry.ended(1);
  expect(span.attributes['ml.system.name']).toBe('triton');
  expect(valuesOf(span)).toEqual({
    'ml.features.a': [1, 4],
    'ml.features.b': [2, 5],
    'ml.features.c': [3, 6.5],
    'ml.prediction.label': ['yes', 'no'],
    'ml.prediction.score': [0.75, 1],
    'ml.prediction.scores.no': [0.25, 1],
    'ml.prediction.scores.yes': [0.75, 0],
    'ml.capture.probability': 1,
  });
});

test.each([
  [
    'raw text',
    { inputs: [{ name: 'x', datatype: 'BYTES', shape: [1] }], raw_input_contents: [Buffer.from('x')] },
    'binary',
  ],
  [
    'too few raw bytes',
    { inputs: [{ name: 'x', datatype: 'FP32', shape: [2] }], raw_input_contents: [Buffer.alloc(4)] },
    'shape',
  ],
  [
    'half floats',
    { inputs: [{ name: 'x', datatype: 'FP16', shape: [1] }], raw_input_contents: [Buffer.alloc(2)] },
    'binary',
  ],
  ['no contents', { inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }] }, 'shape'],
  [
    'an image',
    { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 2], contents: { fp32_contents: [1, 2, 3, 4, 5, 6] } }] },
    'shape',
  ],
  ['no inputs', {}, 'shape'],
])('%s: a span without features, and the reason', async (_, request, reason) => {
  answer = (_one, reply) => reply(null, RESPONSE);
  await call(client(), 'ModelInfer', { model_name: 'refused', ...request });
  const [span] = await telemetry.ended(1);
  expect(span.attributes['ml.capture.skipped.reason']).toBe(reason);
  expect(Object.keys(valuesOf(span)).filter((key) => key.startsWith('ml.features.'))).toEqual([]);
});

test('an error passes through and its code is the error.type', async () => {
  answer = (_, reply) => reply({ code: grpc.status.NOT_FOUND, details: 'no such model' });
  await expect(call(client(), 'ModelInfer', REQUEST)).rejects.toThrow('no such model');
  await expect(call(client(), 'ModelInfer', REQUEST, { deadline: Date.now() - 1 })).rejects.toThrow(
    'DEADLINE_EXCEEDED',
  );
  const spans = await telemetry.ended(2);
  expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['5', '4']);
});

test('cancelled before its message is sent, by an interceptor that waits: the caller hears of it', async () => {
  answer = (_, reply) => reply(null, RESPONSE);
  const waiting: grpc.Interceptor = (options, next) =>
    new grpc.InterceptingCall(next(options), { sendMessage: () => undefined });
  const stub = client({}, true, [waiting]);
  const send = stub.ModelInfer as (
    request: unknown,
    done: (error: grpc.ServiceError | null) => void,
  ) => grpc.ClientUnaryCall;
  const error = await new Promise<grpc.ServiceError | null>((resolve) => send.call(stub, REQUEST, resolve).cancel());
  expect(error?.code).toBe(grpc.status.CANCELLED);
  expect(telemetry.spans()).toEqual([]);
});

test('other methods pass through', async () => {
  expect(await call(client(), 'ServerLive', {})).toEqual({ live: true });
  expect(telemetry.spans()).toEqual([]);
});
