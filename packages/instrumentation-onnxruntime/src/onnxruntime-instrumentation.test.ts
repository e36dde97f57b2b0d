/** The instrumentation around the real runtime: bad input, errors, on and off, what is told of a model, what never leaves. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeModel } from '@leeway/instrumentation';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import * as onnxruntime from 'onnxruntime-node';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Telemetry } from '../test/telemetry.ts';
import { type OnnxRuntime, OnnxRuntimeInstrumentation } from './index.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../test/fixtures/models/${name}`, import.meta.url));
const row = () => new Tensor('float32', Float32Array.of(0.1, 0.2, 0.3), [1, 3]);
/** The types of the module hide its class behind a factory. */
const SESSIONS = InferenceSession as unknown as { prototype: InferenceSession };
const VALUES = /^ml\.(features|prediction)/;

let telemetry: Telemetry;
beforeEach(() => {
  telemetry = new Telemetry({ LEEWAY_CAPTURE_FEATURES: '*' });
});
afterEach(() => telemetry.stop());

/** How the same call ends without an instrumentation: the message of its error, or the names of its results. */
async function ending(work: () => Promise<object>): Promise<unknown> {
  try {
    return Object.keys(await work());
  } catch (error) {
    return [(error as Error).constructor, (error as Error).message];
  }
}

const throwing = new Proxy(
  {},
  {
    get: () => JSON.parse('no'),
    ownKeys: () => JSON.parse('no'),
    has: () => JSON.parse('no'),
    getOwnPropertyDescriptor: () => JSON.parse('no'),
  },
);
const disposed = () => {
  const tensor = row();
  tensor.dispose();
  return tensor;
};

test.each<[what: string, feeds: () => unknown, reason: string]>([
  ['nothing', () => undefined, 'shape'],
  ['null', () => null, 'shape'],
  ['a text', () => 'feeds', 'shape'],
  ['no inputs', () => ({}), 'shape'],
  ['an input that is no tensor', () => ({ X: 7 }), 'unreadable'],
  ['an input that is a plain object', () => ({ X: { dims: [1, 3], type: 'float32', data: [1, 2, 3] } }), 'none'],
  ['another rank', () => ({ X: new Tensor('float32', new Float32Array(8), [2, 2, 2]) }), 'shape'],
  ['another width', () => ({ X: new Tensor('float32', new Float32Array(2), [1, 2]) }), 'shape'],
  ['another type', () => ({ X: new Tensor('int32', new Int32Array(3), [1, 3]) }), 'none'],
  ['packed integers', () => ({ X: new Tensor('uint4', new Uint8Array(2), [1, 3]) }), 'dtype'],
  [
    'a tensor on a device',
    () => ({ X: Tensor.fromGpuBuffer({} as never, { dataType: 'float32', dims: [1, 3] }) }),
    'location',
  ],
  ['a disposed tensor', () => ({ X: disposed() }), 'disposed'],
  ['a proxy that throws', () => throwing, 'shape'],
  ['an input that throws', () => ({ X: throwing }), 'unreadable'],
])('%s: ends as it would without, a span, the reason counted', async (_, feeds, reason) => {
  const session = await InferenceSession.create(fixture('skl-logistic.onnx'));
  describeModel(session, { features: ['a', 'b', 'c'] });
  const watched = await ending(() => session.run(feeds() as never));
  expect(telemetry.spans).toHaveLength(1);
  const { only } = telemetry;
  const counted = (await telemetry.points('ml.capture.skipped')).map(({ attributes }) => attributes['leeway.reason']);
  if (reason === 'none') expect([only['ml.features.a'] !== undefined, counted]).toEqual([true, []]);
  else {
    expect(Object.keys(only).filter((key) => VALUES.test(key))).toEqual([]);
    expect([only['ml.capture.skipped.reason'], counted]).toEqual([reason, [reason]]);
  }
  await telemetry.stop();
  expect(watched).toEqual(await ending(() => session.run(feeds() as never)));
});

/** A runtime whose results the real one does not give: these cannot be had from onnxruntime-node itself. */
function runtimeOf(
  results: unknown,
): OnnxRuntime & { InferenceSession: { create(): Promise<{ run(x: object): Promise<unknown> }> } } {
  class Session {
    readonly inputNames = ['X'];
    readonly outputNames = ['label'];
    async run() {
      return results;
    }
    static async create() {
      return new Session();
    }
  }
  return { InferenceSession: Session } as never;
}

test.each<[what: string, results: unknown, reason: string]>([
  ['nothing', undefined, 'output_shape'],
  ['a number', 7, 'output_shape'],
  ['a map of maps', { label: [new Map([['a', 1]])] }, 'output_unreadable'],
  ['an unknown type', { label: { dims: [1], type: 'complex128', data: [1] } }, 'output_dtype'],
  ['data on a device', { label: { dims: [1], type: 'int64', location: 'gpu-buffer' } }, 'output_location'],
  ['a proxy that throws', throwing, 'output_shape'],
  ['a tensor that throws', { label: throwing }, 'output_unreadable'],
  ['another number of rows', { label: { dims: [5], type: 'int64', data: [1n, 1n, 1n, 1n, 1n] } }, 'output_shape'],
])(
  'results that are %s: handed on as they are, a span without prediction, the reason counted',
  async (_, results, reason) => {
    const runtime = runtimeOf(results);
    const instrumentation = new OnnxRuntimeInstrumentation();
    instrumentation.manuallyInstrument(runtime);
    const session = await runtime.InferenceSession.create();
    describeModel(session, { features: ['a', 'b', 'c'] });
    // Promises of proxies that throw cannot be awaited by anybody.
    if (results === throwing) await expect(session.run({ X: row() })).rejects.toThrow();
    else {
      expect(await session.run({ X: row() })).toBe(results);
      expect(telemetry.only['ml.capture.skipped.reason']).toBe(reason);
      expect(await telemetry.points('ml.capture.skipped')).toMatchObject([{ attributes: { 'leeway.reason': reason } }]);
    }
    expect(telemetry.spans).toHaveLength(1);
    instrumentation.disable();
  },
);

test('without capture nothing is skipped, because nothing was asked for', async () => {
  await telemetry.stop();
  telemetry = new Telemetry();
  const session = await InferenceSession.create(fixture('skl-logistic.onnx'));
  await session.run({ X: row() });
  expect(Object.keys(telemetry.only).filter((key) => VALUES.test(key) || key.includes('capture'))).toEqual([]);
  expect(await telemetry.points('ml.capture.skipped')).toEqual([]);
  expect(await telemetry.points('ml.inference.rows')).toMatchObject([{ value: 1 }]);
});

test('off: the very methods that were there before; on again: watched again', async () => {
  await telemetry.stop();
  const { create } = InferenceSession;
  const { run } = SESSIONS.prototype;
  telemetry = new Telemetry();
  expect([InferenceSession.create === create, SESSIONS.prototype.run === run]).toEqual([false, false]);
  expect([InferenceSession.create.name, InferenceSession.create.length]).toEqual([create.name, create.length]);
  const session = await InferenceSession.create(fixture('skl-logistic.onnx'));
  const kept = session.run.bind(session);
  await telemetry.stop();
  expect([InferenceSession.create, SESSIONS.prototype.run]).toEqual([create, run]);
  await kept({ X: row() });
  expect(telemetry.spans).toHaveLength(0);
});

test('two instrumentations, as by two copies of this package: one span a run', async () => {
  const second = new OnnxRuntimeInstrumentation();
  second.manuallyInstrument(onnxruntime as never);
  expect(second.patchedCount).toBe(0);
  const session = await InferenceSession.create(fixture('skl-logistic.onnx'));
  await session.run({ X: row() });
  expect(telemetry.spans).toHaveLength(1);
  second.disable();
});

test('wrapped by somebody else since: off still means off, and the other wrapper stays', async () => {
  await telemetry.stop();
  const original = SESSIONS.prototype.run;
  telemetry = new Telemetry();
  const { run } = SESSIONS.prototype;
  let otherCount = 0;
  SESSIONS.prototype.run = function wrapped(this: InferenceSession, ...args: Parameters<typeof run>) {
    otherCount++;
    return run.apply(this, args);
  } as typeof run;
  try {
    await telemetry.stop();
    const session = await InferenceSession.create(fixture('skl-logistic.onnx'));
    await session.run({ X: row() });
    expect([otherCount, telemetry.spans.length]).toEqual([1, 0]);
  } finally {
    SESSIONS.prototype.run = original;
  }
});

test('wrapped by somebody else before: what runs in there is part of the span', async () => {
  await telemetry.stop();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const { run } = SESSIONS.prototype;
  const seen: (string | undefined)[] = [];
  SESSIONS.prototype.run = function wrapped(this: InferenceSession, ...args: Parameters<typeof run>) {
    seen.push(trace.getActiveSpan()?.spanContext().spanId);
    return run.apply(this, args);
  } as typeof run;
  try {
    telemetry = new Telemetry();
    const session = await InferenceSession.create(fixture('skl-logistic.onnx'));
    await session.run({ X: row() });
    expect(seen).toEqual([telemetry.spans[0].spanContext().spanId]);
    await telemetry.stop();
  } finally {
    SESSIONS.prototype.run = run;
    context.disable();
  }
});

test('a vector of as many numbers as the model has names is one row, captured or not', async () => {
  for (const features of ['*', '']) {
    await telemetry.stop();
    telemetry = new Telemetry({ LEEWAY_CAPTURE_FEATURES: features });
    const runtime = runtimeOf({ label: new Tensor('int64', BigInt64Array.of(1n), [1]) });
    const instrumentation = new OnnxRuntimeInstrumentation();
    instrumentation.manuallyInstrument(runtime);
    const session = await runtime.InferenceSession.create();
    describeModel(session, { features: ['a', 'b', 'c'] });
    await session.run({ X: new Tensor('float32', Float32Array.of(1, 2, 3), [3]) });
    expect(await telemetry.points('ml.inference.rows')).toMatchObject([{ value: 1 }]);
    instrumentation.disable();
  }
});

test('what a loaded model is: event with digest and signature, time to load', async () => {
  const bytes = readFileSync(fixture('skl-logistic.onnx'));
  await InferenceSession.create(new Uint8Array(bytes));
  const session = await InferenceSession.create(fixture('two-inputs.onnx'));
  describeModel(session, { name: 'pairs', version: '2', owner: 'pricing', task: 'classification' });
  await new Promise((resolve) => setImmediate(resolve));
  const [first, second, ...more] = telemetry.events;
  expect(more).toEqual([]);
  expect(first).toMatchObject({ eventName: 'ml.model.loaded', attributes: { 'ml.model.name': 'onnx' } });
  expect(first.attributes['ml.model.id']).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(second.attributes).toMatchObject({
    'ml.model.name': 'pairs',
    'ml.model.version': '2',
    'ml.model.owner': 'pricing',
    'ml.model.task': 'classification',
    'ml.runtime.name': 'onnxruntime',
    'ml.runtime.version': '1.30.0',
    'ml.model.signature': '(pair: float32[batch, 2], flag: bool[batch, 1]) -> (output: float32[batch, 3])',
  });
  expect(await telemetry.points('ml.model.load.duration')).toMatchObject([
    { attributes: { 'ml.model.name': 'onnx', 'ml.runtime.name': 'onnxruntime' } },
    { attributes: { 'ml.model.name': 'two-inputs', 'ml.runtime.name': 'onnxruntime' } },
  ]);
});

test('a model that cannot be loaded: the error passes, and is counted by its type', async () => {
  await expect(InferenceSession.create('/no/such/model.onnx')).rejects.toThrow(/doesn't exist/);
  await expect(InferenceSession.create(Uint8Array.of(1, 2, 3))).rejects.toThrow();
  await expect(InferenceSession.create(new URL('file:///C:/m.onnx') as never)).rejects.toThrow(TypeError);
  const points = await telemetry.points('ml.model.load.duration');
  expect(points.map(({ attributes }) => attributes['error.type'])).toEqual(['Error', 'TypeError']);
});

test('paths, bytes, buffers with offset and length, external data: every form of create', async () => {
  const bytes = readFileSync(fixture('external.onnx'));
  const externalData = [{ path: 'external.bin', data: new Uint8Array(readFileSync(fixture('external.bin'))) }];
  const padded = new Uint8Array(bytes.length + 9);
  padded.set(bytes, 5);
  const sessions = [
    await InferenceSession.create(fixture('external.onnx')),
    await InferenceSession.create(new Uint8Array(bytes), { externalData }),
    await InferenceSession.create(padded.buffer, 5, bytes.length, { externalData }),
  ];
  const results = [];
  for (const session of sessions) results.push((await session.run({ x: row() })).output.data[0]);
  expect(new Set(results).size).toBe(1);
  expect(telemetry.spans.map(({ attributes }) => attributes['ml.model.name'])).toEqual(['external', 'onnx', 'onnx']);
  expect(new Set(telemetry.spans.map(({ attributes }) => attributes['ml.model.id'])).size).toBe(1);
});

const SECRET = 'tell-nobody-7351';
const SECRET_NUMBER = 735173517351;

test('the gate: a secret in every input, output and piece of metadata appears in no signal', async () => {
  await telemetry.stop();
  telemetry = new Telemetry({ LEEWAY_CAPTURE_FEATURES: 'allowed' });
  await runSecrets();
  // One feature is allowed: its value leaves, and nothing else.
  const leaked = await telemetry.everything();
  expect(telemetry.spans.length + telemetry.events.length).toBe(12);
  for (const said of ['harmless', '"churn"']) expect(leaked).toContain(said);
  expect(leaked).not.toContain(SECRET);
  expect(leaked).not.toContain(String(SECRET_NUMBER));
});

/**
 * A runtime that says the secret as its label and one that says it in its error, each with a model whose folder, options
 * and metadata are secret. The runtime is not the real one, because that loads no such models.
 */
async function runSecrets(): Promise<void> {
  const folder = join(mkdtempSync(join(tmpdir(), 'leeway-gate-')), SECRET, 'models');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'churn.onnx');
  writeFileSync(file, secretModel());
  const outputs = { label: new Tensor('string', [SECRET], [1]), extra: new Tensor('float64', [SECRET_NUMBER], [1]) };
  for (const results of [outputs, new Error(SECRET)]) {
    const runtime = runtimeOf(results);
    if (results instanceof Error)
      runtime.InferenceSession.prototype.run = () => Promise.reject(Object.assign(results, { cause: SECRET }));
    const instrumentation = new OnnxRuntimeInstrumentation();
    process.env.LEEWAY_CAPTURE_PREDICTIONS = 'false';
    try {
      instrumentation.manuallyInstrument(runtime);
    } finally {
      delete process.env.LEEWAY_CAPTURE_PREDICTIONS;
    }
    const create = runtime.InferenceSession.create as unknown as (...args: unknown[]) => Promise<{
      run(feeds: object, ...rest: unknown[]): Promise<unknown>;
    }>;
    for (const source of [file, `/srv/${SECRET}/none.onnx`, secretModel()]) {
      const session = await create.call(runtime.InferenceSession, source, { logId: SECRET, [SECRET]: SECRET });
      const feeds = {
        allowed: new Tensor('string', ['harmless'], [1]),
        plan: new Tensor('string', [SECRET], [1]),
        amount: new Tensor('float64', Float64Array.of(SECRET_NUMBER), [1]),
        id: new Tensor('int64', BigInt64Array.of(BigInt(SECRET_NUMBER)), [1]),
        [SECRET]: new Tensor('string', [SECRET], [1]),
      };
      await session.run(feeds, { tag: SECRET }).catch(() => undefined);
    }
    instrumentation.disable();
  }
  await new Promise((resolve) => setImmediate(resolve));
  rmSync(dirname(dirname(folder)), { recursive: true });
}

/** ModelProto: producer_name 2, doc_string 6, metadata_props 14; field numbers of onnx.proto3. */
function secretModel(): Uint8Array {
  const field = (number: number, payload: Buffer) =>
    Buffer.concat([Buffer.from([number * 8 + 2, payload.length]), payload]);
  const text = Buffer.from(SECRET);
  const property = Buffer.concat([field(1, text), field(2, text)]);
  return new Uint8Array(Buffer.concat([field(2, text), field(6, text), field(14, property)]));
}
