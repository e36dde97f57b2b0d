/** Bodies after https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/ and Azure's documentation. */
import { expect, test } from 'vitest';
import { readAll, readPredictions } from '../../test/columns.ts';
import { azureMl } from './azure-ml.ts';
import { mlflow, UNNAMED_MODEL } from './mlflow.ts';

const read = (body: unknown, features?: string[]) => readAll(mlflow.readRequest(body, { features }));
const SPLIT = {
  columns: ['age', 'plan'],
  index: [0, 1],
  data: [
    [1, 'a'],
    [2, 'b'],
  ],
};
const COLUMNS = { age: [1, 2], plan: ['a', 'b'] };

test('the scoring server names no model, Databricks does', () => {
  const match = (path: string) => mlflow.match({ origin: 'http://host', path });
  expect(match('/invocations')).toEqual({ name: UNNAMED_MODEL });
  expect(match('/serving-endpoints/churn/invocations')).toEqual({ name: 'churn' });
  expect(match('/my-invocations')).toBeUndefined();
  // SageMaker's and Bedrock's own.
  expect(match('/endpoints/ep/invocations')).toBeUndefined();
  expect(match('/runtimes/x/invocations')).toBeUndefined();
});

test('dataframe_split, dataframe_records, instances, inputs', () => {
  expect(read({ dataframe_split: SPLIT })).toEqual(COLUMNS);
  expect(read({ dataframe_split: { data: [[1, 'a']] } }, ['age', 'plan'])).toEqual({ age: [1], plan: ['a'] });
  expect(
    read({
      dataframe_records: [
        { age: 1, plan: 'a' },
        { age: 2, plan: 'b' },
      ],
    }),
  ).toEqual(COLUMNS);
  expect(
    read(
      {
        instances: [
          [1, 'a'],
          [2, 'b'],
        ],
      },
      ['age', 'plan'],
    ),
  ).toEqual(COLUMNS);
  expect(read({ inputs: { age: [1, 2], plan: ['a', 'b'] } })).toEqual(COLUMNS);
  expect(read({ dataframe_split: { columns: ['age'], data: [[1, 2]] } })).toBe('shape');
  expect(read({ dataframe_split: { data: 7 } })).toBe('shape');
});

test('predictions: in their envelope, or bare as MLflow 1 sent them', () => {
  const predictions = (body: unknown) => readPredictions(mlflow.readResponse(body, {}));
  expect(predictions({ predictions: [1.5, 2] })).toEqual({ value: [1.5, 2] });
  expect(predictions([1.5, 2])).toEqual({ value: [1.5, 2] });
  expect(predictions({ predictions: { label: ['a'], score: [0.5] } })).toEqual({ label: ['a'], score: [0.5] });
  expect(predictions({ predictions: [] })).toBe('response_shape');
});

test('Azure ML: its own hosts and paths only', () => {
  const match = (origin: string, path: string) => azureMl.match({ origin, path });
  expect(match('https://churn.westeurope.inference.ml.azure.com', '/score')).toEqual({ name: 'churn' });
  expect(match('http://10.0.0.1', '/api/v1/service/churn/score')).toEqual({ name: 'churn' });
  expect(match('https://game.example.com', '/score')).toBeUndefined();
});

test('Azure ML: input_data in split format, records or lists; data; Inputs', () => {
  const azure = (body: unknown, features?: string[]) => readAll(azureMl.readRequest(body, { features }));
  expect(azure({ input_data: SPLIT })).toEqual(COLUMNS);
  expect(azure({ input_data: { age: [1, 2], plan: ['a', 'b'] } })).toEqual(COLUMNS);
  expect(
    azure({
      data: [
        { age: 1, plan: 'a' },
        { age: 2, plan: 'b' },
      ],
    }),
  ).toEqual(COLUMNS);
  expect(
    azure(
      {
        data: [
          [1, 'a'],
          [2, 'b'],
        ],
      },
      ['age', 'plan'],
    ),
  ).toEqual(COLUMNS);
  expect(azure({})).toBe('shape');
  expect(readPredictions(azureMl.readResponse({ Results: ['a'] }, {}))).toEqual({ label: ['a'] });
  expect(readPredictions(azureMl.readResponse([1.5], {}))).toEqual({ value: [1.5] });
});
