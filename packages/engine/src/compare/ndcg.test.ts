import fc from 'fast-check';
import { expect, test } from 'vitest';
import { azureNdcg } from './compat/azure.ts';
import { ndcg, ndcgOfScores } from './ndcg.ts';

// Azure/azureml-assets, tests/unit/test_compute_feature_importance.py, test_calculated_attribution_with_drift: it pairs
// rows as they stand, the row count among them.
test('Azure, positional: .5135443210660507', () => {
  expect(azureNdcg([1.2, 0, 0.1, 3], [0.2, 3.7, 3, 0.1])).toBeCloseTo(0.5135443210660507, 14);
  expect(azureNdcg([0.1, 0.4, 0.5, 3], [0.1, 0.4, 0.5, 3])).toBe(1);
});

test('the same importances aligned by name, without the row count: .5541951492542121', () => {
  const reference = new Map([
    ['col1', 1.2],
    ['col2', 0],
    ['col3', 0.1],
  ]);
  const current = new Map([
    ['col2', 0.2],
    ['col3', 3.7],
    ['col1', 0.1],
  ]);
  expect(ndcg(reference, current)).toBeCloseTo(0.5541951492542121, 14);
});

const importances = fc
  .dictionary(fc.string({ maxLength: 4 }), fc.double({ min: 0, max: 100, noNaN: true }), { maxKeys: 20 })
  .map((record) => new Map(Object.entries(record)));

test('it is 1 for the same order, in [0, 1] for any other, and does not see the order of the features', () =>
  fc.assert(
    fc.property(importances, importances, (reference, current) => {
      expect(ndcg(reference, reference)).toBeCloseTo(1, 12);
      const value = ndcg(reference, current);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
      expect(ndcg(reference, new Map([...current].reverse()))).toBeCloseTo(value, 12);
    }),
  ));

test('tied scores share their discounts, as in scikit-learn', () => {
  // sklearn.metrics.ndcg_score([[3, 1]], [[1, 1]]): both orders averaged.
  const both = [ndcgOfScores([3, 1], [2, 1]), ndcgOfScores([3, 1], [1, 2])];
  expect(ndcgOfScores([3, 1], [1, 1])).toBeCloseTo((both[0] + both[1]) / 2, 12);
});

test('features that one side lacks and negative importances count as 0', () => {
  expect(ndcg(new Map([['a', 1]]), new Map([['b', 1]]))).toBeCloseTo(1 / Math.log2(3), 12);
  expect(ndcg(new Map([['a', -1]]), new Map([['a', 5]]))).toBe(1);
  expect(ndcg(new Map(), new Map())).toBe(1);
});
