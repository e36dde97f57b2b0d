/**
 * Mean number of independent normal values until a CUSUM chart without any change gives an alarm, and the limit that has a
 * given one.
 *
 * Solved as an integral equation rather than approximated: Siegmund's formula (1985), which starts the search, is off by
 * 1 % at h = 4 and by more below. Source: E. S. Page (1954) for the equation; Gauss–Legendre nodes as in Goel and Wu (1971).
 * Two sides: 1 / L = 1 / L₊ + 1 / L₋ (Van Dobben de Bruyn, 1968), exact where both cannot be above 0 at once for long.
 */
import { normalDensity, normalSurvival } from '../special/normal-distribution.ts';

const LIMIT_MAX = 60;
const RUN_LENGTH_MAX = 1e9;
const TOLERANCE = 1e-10;

/**
 * @param limit h, in standard deviations, up to 60
 * @param allowance k, in standard deviations
 * @param shift of the mean, in standard deviations: 0 gives the time to a false alarm, more the delay of a true one
 * @example cusumRunLength(4, 0.5, 0) // 335.4: with both sides one alarm in 168 values
 */
export function cusumRunLength(limit: number, allowance: number, shift: number): number {
  const { nodes, weights } = legendre(24 + Math.ceil(3 * limit), limit);
  const size = nodes.length + 1;
  const drift = shift - allowance;
  // L(z) = 1 + L(0) Φ(−z − drift) + ∫ L(y) φ(y − z − drift) dy over (0, h), at z = 0 and at the nodes.
  const at = [0, ...nodes];
  const rows = at.map((z) => {
    const row = new Float64Array(size + 1);
    row[0] = -normalSurvival(z + drift);
    for (let j = 0; j < nodes.length; j++) row[j + 1] = -weights[j] * normalDensity(nodes[j] - z - drift);
    row[size] = 1;
    return row;
  });
  rows.forEach((row, i) => {
    row[i] += 1;
  });
  return solve(rows)[0];
}

/**
 * The limit h of a two-sided CUSUM at which it gives a false alarm once in `runLength` values, in the mean.
 *
 * @throws RangeError when runLength is not from 10 to 10⁹, or so long for this allowance that h would pass 60
 * @example cusumLimit(168, 0.5) // 4.00
 */
export function cusumLimit(runLength: number, allowance: number): number {
  if (!(runLength >= 10 && runLength <= RUN_LENGTH_MAX))
    throw new RangeError(`a run length of ${runLength}: 10 to ${RUN_LENGTH_MAX} values are expected`);
  if (!(allowance > 0)) throw new RangeError(`an allowance of ${allowance}: a positive number is expected`);
  let low = 0.01;
  let high = Math.max(1, siegmundLimit(2 * runLength, allowance) + 1);
  if (high > LIMIT_MAX) throw new RangeError(`a run length of ${runLength} needs a limit above ${LIMIT_MAX}`);
  while (high - low > TOLERANCE * high) {
    const middle = (low + high) / 2;
    if (cusumRunLength(middle, allowance, 0) / 2 < runLength) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** One side: (e^{2kb} − 2kb − 1) / 2k² with b = h + 1.166. */
function siegmundLimit(runLength: number, allowance: number): number {
  let low = 0;
  let high = LIMIT_MAX + 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const reach = 2 * allowance * (middle + 1.166);
    if ((Math.exp(reach) - reach - 1) / (2 * allowance * allowance) < runLength) low = middle;
    else high = middle;
  }
  return high;
}

/** Nodes and weights on (0, upper): roots of the Legendre polynomial by Newton's method. */
function legendre(count: number, upper: number): { readonly nodes: number[]; readonly weights: number[] } {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < count; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let step = 0; step < 100; step++) {
      let before = 1;
      let value = x;
      for (let n = 2; n <= count; n++) [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
      slope = (count * (x * value - before)) / (x * x - 1);
      const next = x - value / slope;
      if (Math.abs(next - x) < 1e-15) break;
      x = next;
    }
    nodes.push(((1 + x) * upper) / 2);
    weights.push(upper / ((1 - x * x) * slope * slope));
  }
  return { nodes, weights };
}

/** Gauss with pivoting; each row ends with its right side. */
function solve(rows: Float64Array[]): Float64Array {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let row = column + 1; row < size; row++) {
      const factor = rows[row][column] / rows[column][column];
      for (let i = column; i <= size; i++) rows[row][i] -= factor * rows[column][i];
    }
  }
  const solution = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    let sum = rows[row][size];
    for (let i = row + 1; i < size; i++) sum -= rows[row][i] * solution[i];
    solution[row] = sum / rows[row][row];
  }
  return solution;
}
