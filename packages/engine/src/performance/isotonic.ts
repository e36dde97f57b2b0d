/**
 * Isotonic calibration: the ascending function of a score that is nearest, in squares, to what was true.
 *
 * Source: pool adjacent violators (Ayer et al., 1955; Zadrozny and Elkan, 2002, for calibration). As scikit-learn's
 * IsotonicRegression: equal scores are one point, between points it is linear, beyond them constant.
 */
export interface CalibrationMap {
  /** Strictly ascending scores. */
  readonly scores: readonly number[];
  /** Ascending, one a score: the share of rows of the class. */
  readonly shares: readonly number[];
}

/**
 * @param scores finite, in any order
 * @param isClass 1 where the row is of the class, else 0; as many
 * @param weights positive; 1 where absent
 * @example fitIsotonic([0.2, 0.4, 0.6], [0, 1, 0]) // shares 0 at 0.2, 0.5 at 0.4 and at 0.6
 */
export function fitIsotonic(
  scores: ArrayLike<number>,
  isClass: ArrayLike<number>,
  weights?: ArrayLike<number>,
): CalibrationMap {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  const blocks: { from: number; to: number; weight: number; sum: number }[] = [];
  for (const row of order) {
    const weight = weights === undefined ? 1 : weights[row];
    const score = scores[row];
    const last = blocks.at(-1);
    if (last !== undefined && last.from === score && last.to === score) {
      last.weight += weight;
      last.sum += weight * isClass[row];
    } else {
      pool(blocks);
      blocks.push({ from: score, to: score, weight, sum: weight * isClass[row] });
    }
  }
  pool(blocks);
  const ends = blocks.flatMap(({ from, to, weight, sum }) =>
    from === to ? [[from, sum / weight] as const] : [[from, sum / weight] as const, [to, sum / weight] as const],
  );
  return { scores: ends.map(([score]) => score), shares: ends.map(([, share]) => share) };
}

/** Joins the last blocks as long as the one before is not below them. */
function pool(blocks: { from: number; to: number; weight: number; sum: number }[]): void {
  for (;;) {
    const last = blocks.at(-1);
    const before = blocks.at(-2);
    if (last === undefined || before === undefined || before.sum * last.weight < last.sum * before.weight) return;
    before.to = last.to;
    before.weight += last.weight;
    before.sum += last.sum;
    blocks.pop();
  }
}

/** The calibrated share at a score; the score itself where the map is empty. */
export function calibrated({ scores, shares }: CalibrationMap, score: number): number {
  if (scores.length === 0) return score;
  let low = 0;
  let high = scores.length - 1;
  if (!(score > scores[0])) return shares[0];
  if (score >= scores[high]) return shares[high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (scores[middle] <= score) low = middle;
    else high = middle;
  }
  const part = (score - scores[low]) / (scores[high] - scores[low]);
  return shares[low] + part * (shares[high] - shares[low]);
}
