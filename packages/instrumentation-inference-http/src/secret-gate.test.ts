/** The one gate over every wire: a secret stands in every field that a caller or a server fills, and in no signal. */
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type * as grpc from '@grpc/grpc-js';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { call, grpcServer, inferClient } from '../test/grpc-model.ts';
import { json, withModelServer } from '../test/model-server.ts';
import { withTelemetry } from '../test/telemetry.ts';
import { oipInterceptor } from './grpc/oip-interceptor.ts';
import { InferenceHttpInstrumentation } from './inference-http-instrumentation.ts';
import { sagemakerMiddleware } from './sagemaker/sagemaker-middleware.ts';

const SECRET = 'hunter2-geheim';
const SECRET_NUMBER = 987_654_321.125;
/** Of a policy that captures values, but not these. */
const POLICIES = [
  ['nothing is captured', {}],
  ['other features are', { features: ['age'], predictions: false }],
] as const;

const server = withModelServer();
const telemetry = withTelemetry();
const told: string[] = [];
let instrumentation: InferenceHttpInstrumentation | undefined;
let rpc: { server: grpc.Server; target: string };
beforeAll(async () => {
  rpc = await grpcServer(() => (_, reply) => reply(null, GRPC_RESPONSE));
  const tell = (...args: unknown[]) => void told.push(args.map(String).join(' '));
  const logger: DiagLogger = { error: tell, warn: tell, info: tell, debug: tell, verbose: tell };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
});
afterAll(() => {
  diag.disable();
  rpc.server.forceShutdown();
});
afterEach(() => instrumentation?.disable());

const cells = { age: 31, [SECRET]: SECRET, password: SECRET, income: SECRET_NUMBER };
const names = Object.keys(cells);
const row = Object.values(cells);
const tensors = (text: (value: string) => unknown) => [
  { name: 'age', shape: [1], datatype: 'FP64', data: [31] },
  { name: SECRET, shape: [1], datatype: 'BYTES', data: [text(SECRET)] },
  { name: 'income', shape: [1], datatype: 'FP64', data: [SECRET_NUMBER], parameters: { [SECRET]: SECRET } },
];
const GRPC_RESPONSE = {
  outputs: [
    { name: 'label', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from(SECRET)] } },
    { name: SECRET, datatype: 'FP64', shape: [1], contents: { fp64_contents: [SECRET_NUMBER] } },
  ],
};
const instances = { instances: [cells] };
const REQUESTS: readonly (readonly [path: string, body: unknown, response: unknown])[] = [
  ['/v2/models/m/infer', { id: SECRET, inputs: tensors(String) }, { outputs: tensors(String), id: SECRET }],
  ['/v1/models/m:predict', instances, { predictions: [{ label: SECRET, score: SECRET_NUMBER, [SECRET]: [1, 2] }] }],
  [
    '/v1/models/m:classify',
    { examples: [cells], context: SECRET },
    {
      results: [
        [
          [SECRET, 0.5],
          ['b', 0.5],
        ],
      ],
    },
  ],
  ['/v1/models/m:predict', { inputs: { age: [1], [SECRET]: [SECRET] } }, { outputs: { [SECRET]: [SECRET] } }],
  ['/v1/projects/p/locations/l/endpoints/1:predict', instances, { predictions: [SECRET], modelDisplayName: SECRET }],
  [
    '/invocations',
    { dataframe_split: { columns: names, data: [row] }, params: { a: SECRET } },
    { predictions: [SECRET] },
  ],
  ['/invocations', { dataframe_records: [cells] }, [SECRET_NUMBER]],
  ['/api/v1/service/m/score', { input_data: { columns: names, data: [row] } }, { [SECRET]: SECRET }],
  ['/own', { customer: cells }, { result: { class: SECRET, p: SECRET_NUMBER } }],
  ['/v2/models/m/infer', SECRET, SECRET],
];

async function signals(): Promise<string> {
  const spans = telemetry.spans().map(({ name, attributes, events, status, resource }) => ({
    name,
    attributes,
    events,
    status,
    resource: resource.attributes,
  }));
  return JSON.stringify([spans, await telemetry.points(), told]);
}

async function expectNoSecret(spanCount: number): Promise<void> {
  await telemetry.ended(spanCount);
  const all = await signals();
  expect(all).toContain('ml.inference.duration');
  for (const secret of [SECRET, String(SECRET_NUMBER)]) expect(all).not.toContain(secret);
}

test.each(POLICIES)('over HTTP, when %s', async (_, capture) => {
  instrumentation = new InferenceHttpInstrumentation({
    capture,
    patterns: [
      {
        url: '/own',
        model: 'own',
        request: { features: 'customer' },
        response: { label: 'result.class', score: 'result.p' },
      },
    ],
  });
  for (const [path, body, response] of REQUESTS) {
    server.answer(json(response, 200, { 'x-secret': SECRET }));
    const url = `${server.url()}${path}?token=${SECRET}`;
    const headers = { authorization: SECRET, 'x-user': SECRET };
    await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).arrayBuffer();
    server.answer(json({ error: SECRET }, 500));
    await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).arrayBuffer();
  }
  const aborted = fetch(`${server.url()}/v2/models/m/infer`, {
    method: 'POST',
    body: SECRET,
    signal: AbortSignal.abort(new Error(SECRET)),
  });
  await expect(aborted).rejects.toThrow(SECRET);
  const controller = new AbortController();
  server.answer(() => controller.abort(new Error(SECRET)));
  const late = fetch(`${server.url()}/v2/models/m/infer`, { method: 'POST', body: SECRET, signal: controller.signal });
  await expect(late).rejects.toThrow(SECRET);
  await expectNoSecret(REQUESTS.length * 2 + 1);
});

test.each(POLICIES)('over gRPC, when %s', async (_, capture) => {
  const client = inferClient(rpc.target, true, [oipInterceptor({ capture })]);
  const inputs = tensors(String).map(({ data, parameters: _unused, ...tensor }) => ({
    ...tensor,
    contents: tensor.datatype === 'BYTES' ? { bytes_contents: [Buffer.from(SECRET)] } : { fp64_contents: data },
  }));
  await call(client, 'ModelInfer', { model_name: 'm', inputs });
  const raw = {
    inputs: [{ name: 'income', datatype: 'FP64', shape: [1] }],
    raw_input_contents: [doubles(SECRET_NUMBER)],
  };
  await call(client, 'ModelInfer', { model_name: 'm', ...raw });
  await expectNoSecret(2);
});

test.each(POLICIES)('over the SageMaker SDK, when %s', async (_, capture) => {
  const client = new SageMakerRuntimeClient({
    region: 'eu-west-1',
    endpoint: server.url(),
    credentials: { accessKeyId: SECRET, secretAccessKey: SECRET },
  });
  client.middlewareStack.use(sagemakerMiddleware({ capture }));
  server.answer(json({ predictions: [{ label: SECRET, score: SECRET_NUMBER }] }));
  const send = (ContentType: string, Body: string) =>
    client.send(new InvokeEndpointCommand({ EndpointName: 'm', CustomAttributes: SECRET, ContentType, Body }));
  await send('application/json', JSON.stringify(instances));
  await send('text/csv', `${SECRET},${SECRET_NUMBER}\n`);
  await expectNoSecret(2);
});

test('the test sees a secret that is allowed', async () => {
  instrumentation = new InferenceHttpInstrumentation({ capture: { features: ['password'] } });
  server.answer(json({ predictions: [1] }));
  const body = JSON.stringify(instances);
  await (await fetch(`${server.url()}/v1/models/m:predict`, { method: 'POST', body })).arrayBuffer();
  await telemetry.ended(1);
  expect(await signals()).toContain(SECRET);
});

function doubles(...values: number[]): Buffer {
  return Buffer.from(new Float64Array(values).buffer);
}
