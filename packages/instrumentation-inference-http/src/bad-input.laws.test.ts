/** Whatever comes over the wire: nothing throws, the span ends, and what could not be read is counted by a reason. */
import { capturePolicy } from '@leeway/instrumentation';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readAll, readPredictions } from '../test/columns.ts';
import { withTelemetry } from '../test/telemetry.ts';
import { modelOfMessage, tensorsOfMessage } from './grpc/infer-message.ts';
import { HttpExchange } from './http-exchange.ts';
import { KNOWN_PROTOCOLS } from './known-protocols.ts';
import { requestOfTensors } from './oip-tensors.ts';
import { responseOfTensors } from './output-tensors.ts';
import type { ModelNames, RequestColumns, ResponseColumns } from './protocol.ts';
import { userProtocol } from './protocols/user-pattern.ts';
import { RemoteInferences } from './remote-inferences.ts';
import { requestOfCsv, responseOfCsv } from './sagemaker/csv-rows.ts';

const telemetry = withTelemetry();
const told: unknown[] = [];
beforeAll(() => {
  const tell = (...args: unknown[]) => void told.push(args);
  const logger: DiagLogger = { error: tell, warn: tell, info: tell, debug: tell, verbose: tell };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
});
afterAll(() => diag.disable());
beforeEach(() => {
  told.length = 0;
});

const own = userProtocol(
  { url: '/p', model: 'm', request: { features: 'instances.*' }, response: { prediction: 'predictions.*' } },
  KNOWN_PROTOCOLS,
);
const protocol = fc.constantFrom(own, ...Object.values(KNOWN_PROTOCOLS));

/** JSON with the keys that the protocols look for, in the right and in all wrong places. */
const KEYS = [
  'inputs', 'outputs', 'instances', 'predictions', 'examples', 'results', 'dataframe_split', 'dataframe_records',
  'input_data', 'data', 'columns', 'index', 'name', 'shape', 'datatype', 'parameters', 'binary_data_size', 'b64',
  'label', 'score', 'scores', '__proto__', 'constructor', 'toString', 'contents', 'fp32_contents', 'raw_input_contents',
  'raw_output_contents', 'model_name',
]; // biome-ignore format: a list
const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', 'FP32', 'BYTES', 'INT64', 0, 1, 2, -1, 1e308, Number.MAX_SAFE_INTEGER),
  fc.double(),
  fc.string({ maxLength: 8 }),
);
const { body } = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('body'), { maxLength: 4 }),
    fc.array(fc.array(leaf, { maxLength: 3 }), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('body'), { maxKeys: 6 }),
  ),
}));
const size = fc.constantFrom<unknown>(0, 1, 2, 3, 1e9, -1, 1.5, '2', null);
const tensor = fc.record(
  {
    name: fc.constantFrom<unknown>('x', 'label', 7),
    datatype: fc.constantFrom<unknown>('FP32', 'BYTES', 'INT64', 'BOOL', 'X'),
    shape: fc.oneof(fc.array(size, { maxLength: 3 }), leaf),
    data: fc.oneof(
      fc.array(leaf, { maxLength: 6 }),
      fc.array(fc.array(leaf, { maxLength: 3 }), { maxLength: 3 }),
      body,
    ),
    parameters: body,
  },
  { requiredKeys: [] },
);
const table = fc.oneof(
  body,
  fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'b64', '__proto__', 'label'), body, { maxKeys: 3 }), {
    maxLength: 3,
  }),
  fc.array(tensor, { maxLength: 3 }),
);
const enveloped = fc.tuple(fc.constantFrom(...KEYS.slice(0, 9)), table).map(([key, value]) => ({ [key]: value }));
const asJson = fc
  .oneof(body, enveloped, enveloped, enveloped, fc.jsonValue())
  .map((value) => JSON.parse(JSON.stringify(value) ?? 'null') as unknown);
const names = fc.record<ModelNames>(
  {
    features: fc.array(fc.constantFrom('a', 'b', '__proto__'), { maxLength: 3 }),
    classes: fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
    task: fc.constantFrom('classification', 'regression'),
  },
  { requiredKeys: [] },
);

/** More rows than these bodies hold are a shape without data behind it. */
const ROWS_MAX = 10_000_000;

/** Either columns or a reason, and never both. */
function expectReasoned(request: RequestColumns): void {
  if (request.skippedReason === undefined) expect(request.rowCount).toBeLessThan(1_000);
  else expect(request.rowCount ?? 0).toBeLessThanOrEqual(ROWS_MAX);
  readAll(request);
  if (request.features.length === 0) expect(request.skippedReason !== undefined || request.rowCount === 0).toBe(true);
  else expect(request.skippedReason).toBeUndefined();
  if (request.rowCount !== undefined)
    expect(Number.isSafeInteger(request.rowCount) && request.rowCount >= 0).toBe(true);
}

function expectReasonedResponse(response: ResponseColumns): void {
  if (response.skippedReason === undefined) expect(response.rowCount).toBeLessThan(1_000);
  else expect(response.rowCount ?? 0).toBeLessThanOrEqual(ROWS_MAX);
  readPredictions(response);
  if (Object.keys(response.predictions).length === 0) expect(response.skippedReason).toMatch(/^response_/);
}

test('any JSON, in any protocol: columns or a reason', () => {
  fc.assert(
    fc.property(protocol, asJson, names, ({ readRequest, readResponse }, json, known) => {
      expectReasoned(readRequest(json, known));
      expectReasonedResponse(readResponse(json, known));
    }),
    { numRuns: 5_000 },
  );
});

test('any message and any CSV: columns or a reason', () => {
  const message = fc.oneof(
    asJson,
    fc.record({
      inputs: fc.array(
        fc.record({ name: leaf, datatype: leaf, shape: fc.array(leaf, { maxLength: 3 }), contents: asJson }),
      ),
      raw_input_contents: fc.array(fc.uint8Array({ maxLength: 16 })),
    }),
  );
  fc.assert(
    fc.property(message, fc.string(), names, (value, text, known) => {
      modelOfMessage(value);
      expectReasoned(requestOfTensors(tensorsOfMessage(value, 'inputs'), known));
      const outputs = tensorsOfMessage(value, 'inputs')?.filter(({ refusal }) => refusal === undefined);
      expectReasonedResponse(responseOfTensors(outputs ?? [], known));
      const request = requestOfCsv(text, known);
      expectReasoned(request);
      expectReasonedResponse(responseOfCsv(text, request.rowCount, known));
    }),
    { numRuns: 2_000 },
  );
});

test('any bytes through a whole exchange: the span ends, once, and nothing is told but the reasons', async () => {
  const policy = capturePolicy({ features: '*' }, {}, () => undefined);
  const inferences = new RemoteInferences(policy);
  const bytes = fc.oneof(
    asJson.map((json) => Buffer.from(JSON.stringify(json))),
    fc.uint8Array({ maxLength: 64 }),
  );
  const header = fc.constantFrom('', 'application/json', 'text/plain', 'gzip', 'br', 'zstd', 'x', '7', '-1', '1e9');
  let expected = 0;
  fc.assert(
    fc.property(
      fc.record({ protocol, sent: bytes, received: bytes, status: fc.constantFrom(200, 204, 307, 404, 500) }),
      fc.record({ type: header, encoding: header, length: header }),
      (call, { type, encoding, length }) => {
        const headers = new Map([
          ['content-type', type],
          ['content-encoding', encoding],
          ['inference-header-content-length', length],
        ]);
        const limits = { requestBytesMax: 200, responseBytesMax: 200 };
        const exchange = new HttpExchange(inferences, call.protocol, { name: 'm' }, { address: 'a' }, headers, limits);
        exchange.requestChunk(call.sent);
        exchange.requestSent();
        exchange.responseStarted(call.status, headers);
        exchange.responseChunk(call.received);
        exchange.completed();
        exchange.failed('late');
        expected++;
      },
    ),
    { numRuns: 1_000 },
  );
  expect(telemetry.spans().length).toBe(expected);
  for (const { attributes } of telemetry.spans()) {
    const isSkipped = typeof attributes['ml.capture.skipped.reason'] === 'string';
    const rows = attributes['ml.inference.batch.size'] ?? 1;
    const hasFeatures = Object.keys(attributes).some((key) => /^ml\.(features\.|capture\.missing)/.test(key));
    expect([isSkipped && hasFeatures, isSkipped || hasFeatures || rows === 0]).toEqual([false, true]);
  }
  expect(told).toEqual([]);
  const reasons = (await telemetry.points('ml.capture.skipped')).map(({ attributes }) => attributes['leeway.reason']);
  for (const reason of ['json', 'shape', 'content_encoding', 'response_json', 'response_shape', 'body_limit'])
    expect(reasons).toContain(reason);
});
