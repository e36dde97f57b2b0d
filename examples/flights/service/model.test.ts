import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadModel } from './model.ts';

type Row = readonly [
  hour: number,
  day_of_week: number,
  distance: number,
  origin: string,
  destination: string,
  label: string,
  late: number,
];

// Written by train/train.py: what onnxruntime for Python says of 1,000 held-out flights.
const rows: readonly Row[] = JSON.parse(
  readFileSync(new URL('../train/fixtures/predictions.json', import.meta.url), 'utf8'),
);

test('the model predicts in Node what it predicted in Python', async () => {
  const predict = await loadModel();
  const flights = rows.map(([hour, day_of_week, distance, origin, destination]) => ({
    hour,
    day_of_week,
    distance,
    origin,
    destination,
  }));
  const predictions = await predict(flights);
  expect(rows).toHaveLength(1000);
  rows.forEach(([, , , , , label, late], i) => {
    expect(predictions[i].label).toBe(label);
    expect(predictions[i].late).toBeCloseTo(late, 5);
  });
});

test('missing values are scored, not refused', async () => {
  const predict = await loadModel();
  const [prediction] = await predict([{ hour: 8, day_of_week: 1, distance: null, origin: null, destination: 'ORD' }]);
  expect(prediction.late).toBeGreaterThan(0);
  expect(prediction.late).toBeLessThan(1);
});
