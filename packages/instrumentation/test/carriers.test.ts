import { createHash } from 'node:crypto';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { capturePolicy, InferenceRecorder, monitor } from '../src/index.ts';
import { withTelemetry } from './telemetry.ts';

const model = { name: 'fraud', version: '7' };
const hashOf = (names: readonly string[]) =>
  createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 16);

test('event: one record a row, in the context of the span, which carries no value', () => {
  const { spans, logs } = withTelemetry();
  const fraud = monitor({ model, capture: { features: '*', carrier: 'event' } });
  fraud.batch([{ amount: 1 }, { amount: null, plan: 'a' }], () => [{ score: 0.1 }, { score: 0.2 }]);
  const [span] = spans.getFinishedSpans();
  expect(span.attributes).toEqual({
    'ml.model.name': 'fraud',
    'ml.operation.name': 'predict',
    'ml.model.version': '7',
    'ml.inference.id': span.spanContext().spanId,
    'ml.inference.batch.size': 2,
  });
  const records = logs.getFinishedLogRecords();
  expect(records.map(({ eventName }) => eventName)).toEqual(['ml.prediction', 'ml.prediction']);
  expect(records.map(({ spanContext }) => spanContext?.spanId)).toEqual(Array(2).fill(span.spanContext().spanId));
  expect(records.map(({ attributes }) => attributes)).toEqual([
    {
      'ml.operation.name': 'predict',
      'ml.model.name': 'fraud',
      'ml.model.version': '7',
      'ml.inference.id': span.spanContext().spanId,
      'ml.inference.row': 0,
      'ml.prediction.score': 0.1,
      'ml.capture.probability': 1,
      'ml.capture.missing': ['plan'],
      'ml.features.amount': 1,
    },
    expect.objectContaining({ 'ml.inference.row': 1, 'ml.capture.missing': ['amount'], 'ml.features.plan': 'a' }),
  ]);
});

test('event: values leave of spans that are sampled out, under the same id', () => {
  const { spans, logs } = withTelemetry({ sampler: new AlwaysOffSampler() });
  const fraud = monitor({ model, capture: { features: '*', carrier: 'event' } });
  const id = fraud.predict({ amount: 1 }, (inferenceId) => inferenceId);
  expect(spans.getFinishedSpans()).toEqual([]);
  expect(logs.getFinishedLogRecords()[0].attributes).toMatchObject({ 'ml.inference.id': id, 'ml.features.amount': 1 });
});

test('event without a log SDK: nothing is read, and it is counted', async () => {
  const { points, spans } = withTelemetry({ withoutLogs: true });
  const fraud = monitor({ model, capture: { features: '*', carrier: 'event' } });
  const row = {
    get amount(): number {
      throw new Error('read');
    },
  };
  expect(fraud.predict(row, () => 1)).toBe(1);
  expect(spans.getFinishedSpans()).toHaveLength(1);
  expect((await points('ml.capture.skipped')).map((p) => [p.attributes['leeway.reason'], p.value])).toEqual([
    ['no_logs', 1],
  ]);
});

test('packed: numbers row by row, null where missing, text beside them, and the schema by its hash', () => {
  const { spans } = withTelemetry();
  const fraud = monitor({
    model,
    features: ['a', 'plan', 'b'],
    capture: { features: ['a', 'b', 'plan'], carrier: 'packed' },
  });
  fraud.batch(
    [
      { a: 1, b: 2, plan: 'x' },
      { a: 3n, plan: 'y' },
    ],
    () => [0.5, 0.6],
  );
  fraud.predict({ a: 5, b: 6, plan: 'z' }, () => 0.7);
  const [batch, single] = spans.getFinishedSpans().map(({ attributes }) => attributes);
  expect(batch).toMatchObject({
    'ml.capture.values': [1, 2, 3, null],
    'ml.capture.schema.hash': hashOf(['a', 'b']),
    'ml.capture.schema.names': ['a', 'b'],
    'ml.features.plan': ['x', 'y'],
    'ml.prediction.value': [0.5, 0.6],
  });
  expect(single).toMatchObject({ 'ml.capture.values': [5, 6], 'ml.features.plan': 'z' });
  expect(single).not.toHaveProperty('ml.capture.schema.names');
});

test('packed: the names are repeated once a minute, and a column that turned to text is packed no more', () => {
  const { spans } = withTelemetry();
  let nowMs = 0;
  const policy = capturePolicy({ features: '*', carrier: 'packed' }, {}, () => undefined);
  const recorder = new InferenceRecorder(model, policy, { random: () => 0, elapsedMs: () => nowMs });
  const send = (b: unknown) =>
    recorder
      .start({
        rowCount: 1,
        features: [
          { name: 'a', at: () => 1 },
          { name: 'b', at: () => b },
        ],
      })
      .end();
  send(2);
  nowMs = 59_999;
  send(2);
  nowMs = 60_000;
  send(2);
  send('two');
  send(3);
  const sent = spans.getFinishedSpans().map(({ attributes }) => attributes);
  expect(sent.map((attributes) => attributes['ml.capture.schema.names'])).toEqual([
    ['a', 'b'],
    undefined,
    ['a', 'b'],
    ['a'],
    undefined,
  ]);
  expect(sent.slice(3)).toMatchObject([
    { 'ml.capture.values': [1], 'ml.features.b': 'two' },
    { 'ml.capture.values': [1], 'ml.features.b': 3 },
  ]);
});

test('above 100 features numbers are packed by themselves: all of 180 arrive, and so does the prediction', () => {
  const names = Array.from({ length: 180 }, (_, i) => `f${i}`);
  const row = Object.fromEntries(names.map((name, i) => [name, i]));
  for (const carrier of ['span', 'event'] as const) {
    const { spans, logs } = withTelemetry();
    const wide = monitor({ model, capture: { features: '*', carrier } });
    wide.predict(row, () => ({ label: 'ok' }));
    const [{ attributes, droppedAttributesCount }] =
      carrier === 'span' ? spans.getFinishedSpans() : logs.getFinishedLogRecords();
    expect(droppedAttributesCount).toBe(0);
    expect(attributes['ml.capture.values']).toEqual(names.map((_, i) => i));
    expect(attributes['ml.capture.schema.hash']).toBe(hashOf(names));
    expect(attributes['ml.prediction.label']).toBe('ok');
  }
});

test('more than 100 texts do not fit: those beyond are counted', async () => {
  const { spans, points } = withTelemetry();
  const wide = monitor({ model, capture: { features: '*' } });
  wide.predict(Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`f${i}`, 'x'])), () => 1);
  const [span] = spans.getFinishedSpans();
  expect(span.droppedAttributesCount).toBe(0);
  expect(Object.keys(span.attributes).filter((key) => key.startsWith('ml.features.'))).toHaveLength(99);
  expect((await points('ml.capture.skipped'))[0]).toMatchObject({
    attributes: { 'leeway.reason': 'features' },
    value: 1,
  });
});

test('a batch beyond the row cap says which rows it carries, whichever the carrier', () => {
  const rows = Array.from({ length: 10 }, (_, i) => ({ i }));
  const { spans, logs } = withTelemetry();
  for (const carrier of ['span', 'packed', 'event'] as const)
    monitor({ model, capture: { features: '*', rowsMax: 4, carrier } }).batch(rows, () => rows.map(({ i }) => i / 10));
  const [plain, packed] = spans.getFinishedSpans().map(({ attributes }) => attributes);
  const indexes = plain['ml.inference.row'] as number[];
  expect(indexes).toHaveLength(4);
  expect(plain).toMatchObject({ 'ml.inference.batch.size': 10, 'ml.capture.probability': 0.4 });
  expect(plain['ml.features.i']).toEqual(indexes);
  expect(plain['ml.prediction.value']).toEqual(indexes.map((i) => i / 10));
  expect(packed['ml.capture.values']).toEqual(packed['ml.inference.row']);
  expect(
    logs
      .getFinishedLogRecords()
      .map(({ attributes }) => attributes['ml.inference.row'] === attributes['ml.features.i']),
  ).toEqual([true, true, true, true]);
});

test('errors: always captured where asked, with the probability that holds for errors', () => {
  const { spans } = withTelemetry();
  const policy = capturePolicy({ features: '*', rate: 0.1, errors: 'always' }, {}, () => undefined);
  const recorder = new InferenceRecorder(model, policy, { random: () => 0.5, elapsedMs: () => 0 });
  for (const readAt of ['start', 'end'] as const) {
    recorder.start({ rowCount: 1, features: [], records: [{ a: 1 }], readAt }).fail(new RangeError('secret 4711'));
    recorder.start({ rowCount: 1, features: [], records: [{ a: 2 }], readAt }).end({});
  }
  const sent = spans.getFinishedSpans();
  expect(sent.map(({ attributes }) => attributes['ml.features.a'])).toEqual([1, undefined, 1, undefined]);
  expect(sent.map(({ attributes }) => attributes['ml.capture.probability'])).toEqual([1, undefined, 1, undefined]);
  expect(sent.map(({ attributes }) => attributes['ml.capture.skipped.reason'])).toEqual([
    undefined,
    'rate',
    undefined,
    'rate',
  ]);
  expect(sent[0].attributes['error.type']).toBe('RangeError');
  expect(JSON.stringify(sent.map(({ events, status }) => [events, status]))).not.toContain('4711');
});

test('what was sampled out is not read', async () => {
  const { points } = withTelemetry();
  const reads: string[] = [];
  const policy = capturePolicy({ features: '*', rate: 0.1 }, {}, () => undefined);
  const recorder = new InferenceRecorder(model, policy, { random: () => 0.5, elapsedMs: () => 0 });
  const at = (): number => reads.push('read');
  recorder.start({ rowCount: 1, features: [{ name: 'a', at }] }).end({ value: { name: 'value', at } });
  expect(reads).toEqual([]);
  expect((await points('ml.capture.skipped'))[0]).toMatchObject({ attributes: { 'leeway.reason': 'rate' }, value: 1 });
});

test('a remote model: kind CLIENT, system and address on span and metrics', async () => {
  const { spans, points } = withTelemetry();
  const recorder = new InferenceRecorder(
    model,
    capturePolicy({}, {}, () => undefined),
    {
      random: () => 0,
      elapsedMs: () => 0,
    },
  );
  recorder.start({ rowCount: 1, features: [], remote: { system: 'kserve', address: 'models', port: 8080 } }).end();
  expect(spans.getFinishedSpans()[0]).toMatchObject({
    kind: 2,
    attributes: { 'ml.system.name': 'kserve', 'server.address': 'models', 'server.port': 8080 },
  });
  expect((await points('ml.inference.rows'))[0]).toMatchObject({
    value: 1,
    attributes: { 'ml.model.name': 'fraud', 'ml.system.name': 'kserve', 'server.port': 8080 },
  });
});

test('an input may be filled in until the end, as over the wire; one that is scaled in place is read before', () => {
  const { spans } = withTelemetry();
  const policy = capturePolicy({ features: '*' }, {}, () => undefined);
  const recorder = new InferenceRecorder(model, policy, { random: () => 0, elapsedMs: () => 0 });
  const late = { rowCount: 0, features: [] as { name: string; at: () => number }[] };
  const active = recorder.start(late);
  late.rowCount = 1;
  late.features = [{ name: 'a', at: () => 7 }];
  active.end();
  const row = { a: 100 };
  monitor({ model, capture: { features: '*' } }).predict(row, () => {
    row.a = 0.5;
  });
  expect(spans.getFinishedSpans().map(({ attributes }) => attributes['ml.features.a'])).toEqual([7, 100]);
});
