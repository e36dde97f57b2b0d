/**
 * Ranks of the sorted values of either side in both together, ties sharing the mean of their ranks (1-based).
 *
 * @example midranks([1, 3], [2, 3]) // [[1, 3.5], [2, 3.5]]
 */
export function midranks(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): [reference: Float64Array, current: Float64Array] {
  const u = Float64Array.from(reference).sort();
  const v = Float64Array.from(current).sort();
  const [ofU, ofV] = [new Float64Array(u.length), new Float64Array(v.length)];
  let i = 0;
  let j = 0;
  while (i < u.length || j < v.length) {
    const value = j >= v.length || (i < u.length && u[i] <= v[j]) ? u[i] : v[j];
    const first = i + j;
    const [fromU, fromV] = [i, j];
    while (i < u.length && u[i] === value) i += 1;
    while (j < v.length && v[j] === value) j += 1;
    const rank = (first + 1 + i + j) / 2;
    ofU.fill(rank, fromU, i);
    ofV.fill(rank, fromV, j);
  }
  return [ofU, ofV];
}
