const LEVELS = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001] as const;
/** Critical values at these levels: b₀ + b₁/√m + b₂/m with m = 1 for two samples. */
const CRITICAL = [
  [0.675, -0.245, -0.105],
  [1.281, 0.25, -0.305],
  [1.645, 0.678, -0.362],
  [1.96, 1.149, -0.391],
  [2.326, 1.822, -0.396],
  [2.573, 2.364, -0.345],
  [3.085, 3.615, -0.154],
].map(([b0, b1, b2]) => b0 + b1 + b2);

export interface AndersonDarlingTest {
  /** Standardised: mean 0, variance 1 when both samples come from one distribution. */
  readonly statistic: number;
  /** Between .001 and .25, where the published critical values end. */
  readonly pValue: number;
}

/**
 * Two-sample Anderson–Darling test of raw values, ties by mid-ranks: `scipy.stats.anderson_ksamp`.
 *
 * Like Cramér–von Mises with more weight on the tails. Statistic 0, p .25 when either side is empty, when there are
 * fewer than four values or when all are equal. Symmetric.
 * Source: Scholz & Stephens, "K-Sample Anderson–Darling Tests" (1987), equation 7 and table 2.
 */
export function andersonDarling(reference: ArrayLike<number>, current: ArrayLike<number>): AndersonDarlingTest {
  const n = reference.length;
  const m = current.length;
  const total = n + m;
  if (n === 0 || m === 0 || total < 4) return { statistic: 0, pValue: LEVELS[0] };
  const raw = ((total - 1) / total) * midrankSum(reference, current);
  const statistic = (raw - 1) / Math.sqrt(variance(n, m));
  return raw === 0 ? { statistic: 0, pValue: LEVELS[0] } : { statistic, pValue: interpolated(statistic) };
}

function midrankSum(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const u = Float64Array.from(reference).sort();
  const v = Float64Array.from(current).sort();
  const total = u.length + v.length;
  let sum = 0;
  let i = 0;
  let j = 0;
  while (i < u.length || j < v.length) {
    const value = j >= v.length || (i < u.length && u[i] <= v[j]) ? u[i] : v[j];
    const [fromU, fromV] = [i, j];
    while (i < u.length && u[i] === value) i += 1;
    while (j < v.length && v[j] === value) j += 1;
    const tied = i + j - fromU - fromV;
    if (tied === total) return 0;
    const below = fromU + fromV + tied / 2;
    const spread = below * (total - below) - (total * tied) / 4;
    const ofU = (total * (fromU + i)) / 2 - below * u.length;
    const ofV = (total * (fromV + j)) / 2 - below * v.length;
    sum += ((tied / total) * ((ofU * ofU) / u.length + (ofV * ofV) / v.length)) / spread;
  }
  return sum;
}

/** Variance of the statistic of two samples; its a, b, c and d are Scholz and Stephens' with k = 2. */
function variance(n: number, m: number): number {
  const total = n + m;
  const inverse = 1 / n + 1 / m;
  let h = 1;
  let g = 0;
  let tail = 0;
  for (let i = 2; i < total; i += 1) {
    tail += 1 / (total - i + 1);
    g += tail / i;
  }
  h += tail;
  const a = 4 * g - 6 + (10 - 6 * g) * inverse;
  const b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
  const c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * inverse + 4 * h;
  const d = (2 * h + 6) * 4 - 8 * h;
  return (a * total ** 3 + b * total ** 2 + c * total + d) / ((total - 1) * (total - 2) * (total - 3));
}

/** Least squares parabola of ln(level) over the critical values. */
function interpolated(statistic: number): number {
  if (statistic < CRITICAL[0]) return LEVELS[0];
  if (statistic > CRITICAL.at(-1)!) return LEVELS.at(-1)!;
  const moments = [0, 1, 2, 3, 4].map((power) => CRITICAL.reduce((sum, x) => sum + x ** power, 0));
  const targets = [0, 1, 2].map((power) => CRITICAL.reduce((sum, x, i) => sum + x ** power * Math.log(LEVELS[i]), 0));
  const rows = [0, 1, 2].map((row) => [...[0, 1, 2].map((column) => moments[row + column]), targets[row]]);
  for (const pivot of [0, 1, 2]) {
    for (const row of [0, 1, 2]) {
      if (row === pivot) continue;
      const factor = rows[row][pivot] / rows[pivot][pivot];
      rows[row] = rows[row].map((value, column) => value - factor * rows[pivot][column]);
    }
  }
  const [c0, c1, c2] = rows.map((row, index) => row[3] / row[index]);
  return Math.exp(c0 + statistic * (c1 + statistic * c2));
}
