import { describe, expect, test } from 'vitest';
import { describeModel, descriptionOf, monitor, setLoggerProvider } from '../src/index.ts';
import { withTelemetry } from './telemetry.ts';

const model = { name: 'fraud', version: '7' };

describe('ground truth and feedback', () => {
  test('by id, without a span, and nothing that is not finite', () => {
    const { logs } = withTelemetry();
    const fraud = monitor({ model });
    fraud.groundTruth('id-1', { label: 'fraud', row: 3, source: 'chargebacks' });
    fraud.groundTruth('id-2', { value: Number.NaN });
    fraud.feedback('id-1', { name: 'thumbs', value: 1 });
    expect(logs.getFinishedLogRecords().map(({ eventName, attributes }) => [eventName, attributes])).toEqual([
      [
        'ml.ground_truth',
        {
          'ml.model.name': 'fraud',
          'ml.model.version': '7',
          'ml.inference.id': 'id-1',
          'ml.inference.row': 3,
          'ml.ground_truth.label': 'fraud',
          'ml.ground_truth.source': 'chargebacks',
        },
      ],
      ['ml.ground_truth', { 'ml.model.name': 'fraud', 'ml.model.version': '7', 'ml.inference.id': 'id-2' }],
      [
        'ml.feedback',
        {
          'ml.model.name': 'fraud',
          'ml.model.version': '7',
          'ml.inference.id': 'id-1',
          'ml.feedback.name': 'thumbs',
          'ml.feedback.value': 1,
        },
      ],
    ]);
  });
});

describe('attributions', () => {
  test('go with the prediction while it is under way, of features that may leave', async () => {
    const { spans, logs } = withTelemetry();
    const fraud = monitor({ model, capture: { features: ['amount'] } });
    await fraud.predict({ amount: 1, salary: 2 }, async () => {
      await Promise.resolve();
      fraud.attributions({ amount: 0.4, salary: 0.9, bias: Number.POSITIVE_INFINITY });
      return { score: 0.5 };
    });
    fraud.predict({ amount: 1 }, () => ({ score: 0.5, attributions: { amount: -0.1, salary: 4 } }));
    fraud.batch([{ amount: 1 }, { amount: 2 }], () => [
      { score: 0.5, attributions: { amount: 0.1 } },
      { score: 0.6, attributions: { amount: 0.2 } },
    ]);
    const sent = spans.getFinishedSpans().map(({ attributes }) => attributes);
    expect(sent.map((attributes) => attributes['ml.attributions.amount'])).toEqual([0.4, -0.1, [0.1, 0.2]]);
    expect(JSON.stringify(sent)).not.toContain('salary');
    expect(JSON.stringify(sent)).not.toContain('bias');
    expect(logs.getFinishedLogRecords()).toEqual([]);
  });

  test('are an event once it is over, and with the event where events are the carrier', () => {
    const { logs } = withTelemetry();
    const fraud = monitor({ model, capture: { features: ['amount'], carrier: 'event' } });
    fraud.predict({ amount: 1 }, () => fraud.attributions({ amount: 0.4 }));
    fraud.attributions('id-1', { amount: 0.4, salary: 1 });
    fraud.attributions('id-2', { salary: 1 });
    fraud.attributions({ amount: 1 });
    const records = logs.getFinishedLogRecords().map(({ eventName, attributes }) => [eventName, attributes]);
    expect(records).toEqual([
      ['ml.prediction', expect.objectContaining({ 'ml.attributions.amount': 0.4 })],
      [
        'ml.explanation',
        {
          'ml.model.name': 'fraud',
          'ml.model.version': '7',
          'ml.inference.id': 'id-1',
          'ml.attributions.amount': 0.4,
        },
      ],
    ]);
  });
});

describe('describeModel', () => {
  test('one event a model object, with what was said of it and no names of features', () => {
    const { logs } = withTelemetry();
    const session = {};
    describeModel(session, {
      name: 'churn',
      version: '3',
      owner: 'growth',
      tier: 'high',
      signature: '(tensor[n,3]) -> label',
      features: ['age', 'plan'],
      classes: ['stays', 'goes'],
      hyperparameters: { depth: 6, loss: 'log', rate: Number.NaN },
    });
    describeModel(session, { task: 'classification' });
    expect(descriptionOf(session)).toMatchObject({ name: 'churn', task: 'classification', features: ['age', 'plan'] });
    describeModel({}, { name: 'churn', version: '3' });
    const records = logs.getFinishedLogRecords();
    expect(records.map(({ eventName }) => eventName)).toEqual(['ml.model.loaded', 'ml.model.loaded']);
    expect(records[0].attributes).toEqual({
      'ml.model.name': 'churn',
      'ml.model.version': '3',
      'ml.model.owner': 'growth',
      'ml.model.tier': 'high',
      'ml.model.signature': '(tensor[n,3]) -> label',
      'ml.model.hyperparameters.depth': 6,
      'ml.model.hyperparameters.loss': 'log',
    });
  });

  test('before there is a log SDK, the event waits for the first use', () => {
    const session = {};
    setLoggerProvider(undefined);
    describeModel(session, { name: 'early' });
    const { logs } = withTelemetry();
    expect(logs.getFinishedLogRecords()).toEqual([]);
    descriptionOf(session);
    descriptionOf(session);
    expect(logs.getFinishedLogRecords().map(({ attributes }) => attributes['ml.model.name'])).toEqual(['early']);
  });
});
