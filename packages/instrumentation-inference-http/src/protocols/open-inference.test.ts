/** Bodies after the specification: https://github.com/kserve/open-inference-protocol */
import { expect, test } from 'vitest';
import { readAll, readPredictions } from '../../test/columns.ts';
import { openInference } from './open-inference.ts';

const match = (path: string) => openInference.match({ origin: 'http://host:8080', path });
const read = (inputs: unknown, features?: string[]) => {
  const columns = openInference.readRequest({ inputs }, { features });
  return [columns.rowCount, readAll(columns)];
};
const predictions = (outputs: unknown, names = {}) => readPredictions(openInference.readResponse({ outputs }, names));

test('the model and its version come from the path', () => {
  expect(match('/v2/models/iris/infer')).toEqual({ name: 'iris' });
  expect(match('/gateway/v2/models/a%20b/versions/12/infer')).toEqual({ name: 'a b', version: '12' });
  for (const path of ['/v2/models/iris', '/v2/models/iris/ready', '/v2/models//infer', '/v2/models/%zz/infer'])
    expect(match(path)).toBeUndefined();
});

test('one tensor a feature: [n], [n, 1], flat or nested', () => {
  expect(
    read([
      { name: 'age', shape: [2], datatype: 'FP32', data: [1.5, 2] },
      { name: 'n', shape: [2, 1], datatype: 'INT32', data: [[1], [2]] },
      { name: 'plan', shape: [2, 1], datatype: 'BYTES', parameters: { content_type: 'str' }, data: ['a', 'b'] },
      { name: 'vip', shape: [2], datatype: 'BOOL', data: [true, false] },
    ]),
  ).toEqual([2, { age: [1.5, 2], n: [1, 2], plan: ['a', 'b'], vip: [true, false] }]);
});

test('a matrix [n, k], row-major or nested, by the names of the description', () => {
  const flat = [{ name: 'x', shape: [2, 3], datatype: 'FP32', data: [1, 2, 3, 4, 5, 6] }];
  const nested = [
    {
      name: 'x',
      shape: [2, 3],
      datatype: 'FP32',
      data: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    },
  ];
  for (const inputs of [flat, nested])
    expect(read(inputs, ['a', 'b', 'c'])).toEqual([2, { a: [1, 4], b: [2, 5], c: [3, 6] }]);
  expect(read(flat)).toEqual([2, 'names']);
  expect(read(flat, ['a', 'b'])).toEqual([2, 'shape']);
});

test.each([
  [
    'binary data',
    [{ name: 'x', shape: [4, 3], datatype: 'FP32', parameters: { binary_data_size: 48 } }],
    [4, 'binary'],
  ],
  [
    'base64',
    [{ name: 'x', shape: [2], datatype: 'BYTES', parameters: { content_type: 'base64' }, data: ['YQ==', 'Yg=='] }],
    [2, 'base64'],
  ],
  ['an image', [{ name: 'x', shape: [3, 8, 8], datatype: 'FP32', data: [] }], [3, 'shape']],
  ['data that do not fill the shape', [{ name: 'x', shape: [3], datatype: 'FP32', data: [1] }], [3, 'shape']],
  ['an unknown type', [{ name: 'x', shape: [1], datatype: 'COMPLEX', data: [1] }], [1, 'dtype']],
  [
    'tensors of different rows',
    [
      { name: 'x', shape: [1], datatype: 'FP32', data: [1] },
      { name: 'y', shape: [2], datatype: 'FP32', data: [1, 2] },
    ],
    [1, 'shape'],
  ],
  ['a shape of -1', [{ name: 'x', shape: [-1], datatype: 'FP32', data: [1] }], [1, 'shape']],
])('%s: refused, with the rows as far as they are known', (_, inputs, expected) => {
  expect(read(inputs)).toEqual(expected);
});

test('outputs: a label, scores by class, a value', () => {
  const label = { name: 'predict', shape: [2, 1], datatype: 'INT64', data: [0, 1] };
  const scores = { name: 'predict_proba', shape: [2, 2], datatype: 'FP64', data: [0.9, 0.1, 0.2, 0.8] };
  const classes = ['no', 'yes'];
  expect(predictions([label], { classes })).toEqual({ label: ['no', 'yes'] });
  expect(predictions([scores], { classes })).toEqual({
    label: ['no', 'yes'],
    score: [0.9, 0.8],
    scores: { no: [0.9, 0.2], yes: [0.1, 0.8] },
  });
  expect(predictions([label, scores])).toMatchObject({ label: ['0', '1'], scores: { 0: [0.9, 0.2], 1: [0.1, 0.8] } });
  const value = { name: 'predict', shape: [2], datatype: 'FP64', data: [1.5, 2.5] };
  expect(predictions([value])).toEqual({ value: [1.5, 2.5] });
  expect(predictions([value], { classes })).toEqual({ score: [1.5, 2.5] });
  expect(predictions([label], { task: 'regression' })).toEqual({ value: [0, 1] });
  expect(predictions([{ name: 'x', shape: [2], datatype: 'FP32', parameters: { binary_data_size: 8 } }])).toBe(
    'response_binary',
  );
  expect(predictions([])).toBe('response_shape');
});
