import { stirlingError } from './log-gamma.ts';
import { deviance } from './poisson-density.ts';

/**
 * Γ(n + 1) / (Γ(x + 1) Γ(n − x + 1)) · pˣ (1 − p)ⁿ⁻ˣ: the binomial probability of x, continued to real x and n.
 *
 * Range: 0 ≤ x ≤ n, 0 ≤ p ≤ 1; q = 1 − p, given where it is known better. Relative error about 1e-15 also for n of millions.
 * Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000).
 *
 * @example binomialDensity(3, 10, 0.5) // 0.1171875
 */
export function binomialDensity(x: number, n: number, p: number, q: number = 1 - p): number {
  if (p === 0) return x === 0 ? 1 : 0;
  if (q === 0) return x === n ? 1 : 0;
  if (x === 0) return Math.exp(n * (p < 0.5 ? Math.log1p(-p) : Math.log(q)));
  if (x === n) return Math.exp(n * (q < 0.5 ? Math.log1p(-q) : Math.log(p)));
  const exponent =
    stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}
