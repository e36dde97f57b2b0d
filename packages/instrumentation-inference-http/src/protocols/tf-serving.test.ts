/** Bodies after https://www.tensorflow.org/tfx/serving/api_rest, KServe's v1 and Vertex AI's documentation. */
import { expect, test } from 'vitest';
import { readAll, readPredictions } from '../../test/columns.ts';
import { kserveV1 } from './kserve-v1.ts';
import { tfServing } from './tf-serving.ts';
import { vertexAi } from './vertex-ai.ts';

const target = (path: string, origin = 'http://host:8501') => ({ origin, path });
const read = (body: unknown, features?: string[]) => readAll(tfServing.readRequest(body, { features }));
const predictions = (body: unknown, names = {}) => readPredictions(tfServing.readResponse(body, names));

test('the model, its version or label come from the path', () => {
  expect(tfServing.match(target('/v1/models/half_plus_two:predict'))).toEqual({ name: 'half_plus_two' });
  expect(tfServing.match(target('/v1/models/m/versions/7:classify'))).toEqual({ name: 'm', version: '7' });
  expect(tfServing.match(target('/v1/models/m/labels/stable:regress'))).toEqual({ name: 'm', version: 'stable' });
  expect(tfServing.match(target('/v1/models/m/metadata'))).toBeUndefined();
});

test('KServe v1 is told by its host, Vertex AI by its path', () => {
  const path = '/v1/models/iris:predict';
  expect(kserveV1.match(target(path, 'http://iris.default.example.com'))).toEqual({ name: 'iris' });
  expect(kserveV1.match(target(path, 'http://iris-predictor.default.svc.cluster.local:80'))).toEqual({ name: 'iris' });
  expect(kserveV1.match(target(path))).toBeUndefined();
  const vertex = '/v1/projects/p/locations/europe-west1/endpoints/123:predict';
  expect(vertexAi.match(target(vertex, 'https://europe-west1-aiplatform.googleapis.com'))).toEqual({ name: '123' });
  expect(tfServing.match(target(vertex))).toBeUndefined();
});

test('instances: objects, lists, values', () => {
  expect(
    read({
      instances: [
        { age: 1, plan: 'a' },
        { plan: 'b', extra: 2 },
      ],
    }),
  ).toEqual({
    age: [1, undefined],
    plan: ['a', 'b'],
    extra: [undefined, 2],
  });
  expect(read({ instances: [{ age: [1] }, { age: [2] }] })).toEqual({ age: [1, 2] });
  expect(
    read(
      {
        instances: [
          [1, 2],
          [3, 4],
        ],
      },
      ['a', 'b'],
    ),
  ).toEqual({ a: [1, 3], b: [2, 4] });
  expect(read({ instances: [1, 2, 5] }, ['x'])).toEqual({ x: [1, 2, 5] });
  expect(read({ instances: [{ features: [1, 2] }, { features: [3, 4] }] }, ['a', 'b'])).toEqual({
    a: [1, 3],
    b: [2, 4],
  });
});

test('inputs: columns', () => {
  expect(read({ inputs: { age: [1, 2], plan: [['a'], ['b']] } })).toEqual({ age: [1, 2], plan: ['a', 'b'] });
  expect(
    read(
      {
        inputs: {
          dense_input: [
            [1, 2],
            [3, 4],
          ],
        },
      },
      ['a', 'b'],
    ),
  ).toEqual({ a: [1, 3], b: [2, 4] });
  expect(read({ inputs: [[1, 2]] }, ['a', 'b'])).toEqual({ a: [1], b: [2] });
  expect(read({ examples: [{ x: 1.5 }] })).toEqual({ x: [1.5] });
});

test.each([
  ['no names', { instances: [[1, 2]] }, 'names'],
  ['other names', { instances: [[1, 2, 3]] }, 'names'],
  ['base64', { instances: [{ b64: 'YQ==' }] }, 'base64'],
  ['base64 in a column', { instances: [{ image: { b64: 'YQ==' }, age: 1 }] }, 'base64'],
  [
    'an image',
    {
      instances: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    },
    'shape',
  ],
  ['ragged rows', { instances: [[1, 2], [3]] }, 'shape'],
  ['ragged columns', { inputs: { a: [1, 2], b: [1] } }, 'shape'],
  ['nothing', {}, 'shape'],
  ['a list', [], 'shape'],
])('%s: refused', (_, body, reason) => {
  expect(read(body)).toBe(reason);
});

test('predictions in rows, outputs in columns, results', () => {
  expect(predictions({ predictions: [2.5, 3, 4.5] })).toEqual({ value: [2.5, 3, 4.5] });
  expect(predictions({ predictions: [[2.5], [3]] })).toEqual({ value: [2.5, 3] });
  expect(predictions({ predictions: [0, 1] }, { classes: ['no', 'yes'] })).toEqual({ label: ['no', 'yes'] });
  expect(predictions({ predictions: ['a', 'b'] })).toEqual({ label: ['a', 'b'] });
  expect(predictions({ predictions: [[0.1, 0.9]] }, { classes: ['no', 'yes'] })).toEqual({
    label: ['yes'],
    score: [0.9],
    scores: { no: [0.1], yes: [0.9] },
  });
  expect(predictions({ predictions: [{ classes: 1, probabilities: [0.3, 0.7] }] })).toEqual({
    label: ['1'],
    score: [0.7],
    scores: { 0: [0.3], 1: [0.7] },
  });
  expect(predictions({ predictions: [{ label: 'a', scores: { a: 0.8, b: 0.2 } }] })).toEqual({
    label: ['a'],
    score: [0.8],
    scores: { a: [0.8], b: [0.2] },
  });
  expect(predictions({ outputs: [[1.5], [2]] })).toEqual({ value: [1.5, 2] });
  expect(predictions({ outputs: { label: ['a'], score: [0.5] } })).toEqual({ label: ['a'], score: [0.5] });
  expect(predictions({ results: [1.5, 2] })).toEqual({ value: [1.5, 2] });
  expect(
    predictions({
      results: [
        [
          ['a', 0.25],
          ['b', 0.75],
        ],
      ],
    }),
  ).toEqual({
    label: ['b'],
    score: [0.75],
    scores: { a: [0.25], b: [0.75] },
  });
  expect(predictions({ error: 'no' })).toBe('response_shape');
  expect(predictions({ predictions: [[[1]]] })).toBe('response_shape');
});
