/** The importance of each feature, by name. Negative ones count as 0, as does a feature that one side does not have. */
export type Importances = ReadonlyMap<string, number>;

/**
 * Normalised discounted cumulative gain of the current feature importances against the reference's, aligned by name: how
 * well the current order keeps the features that mattered on top.
 *
 * Linear gain, discount 1 / log₂(rank + 1), features of equal current importance share the mean of their discounts.
 * Range: 0 to 1, 1 for the same order; it sees only order. 1 where the reference has no importance at all.
 * Source: Järvelin & Kekäläinen (2002); ties as McSherry & Najork (2008) and scikit-learn.
 *
 * @example ndcg(new Map([['a', 3], ['b', 1]]), new Map([['b', 2], ['a', 1]])) // 0.797…
 */
export function ndcg(reference: Importances, current: Importances): number {
  const names = [...new Set([...reference.keys(), ...current.keys()])];
  return ndcgOfScores(
    names.map((name) => reference.get(name) ?? 0),
    names.map((name) => current.get(name) ?? 0),
  );
}

/** The same for gains and scores that already stand in one order: `sklearn.metrics.ndcg_score`. */
export function ndcgOfScores(gains: readonly number[], scores: readonly number[]): number {
  const positive = gains.map((gain) => Math.max(0, gain));
  const ideal = discountedGain(positive, positive);
  return ideal > 0 ? Math.min(1, discountedGain(positive, scores) / ideal) : 1;
}

function discountedGain(gains: readonly number[], scores: readonly number[]): number {
  const order = scores.map((_, index) => index).sort((one, other) => scores[other] - scores[one]);
  let sum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let gain = 0;
    let discount = 0;
    while (to < order.length && scores[order[to]] === scores[order[from]]) {
      gain += gains[order[to]];
      discount += 1 / Math.log2(to + 2);
      to += 1;
    }
    sum += (gain * discount) / (to - from);
    from = to;
  }
  return sum;
}
