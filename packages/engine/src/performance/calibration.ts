/** A calibration map that is kept only where it helps. */
import { type CalibrationMap, calibrated, fitIsotonic } from './isotonic.ts';

const BINS = 10;
/** Fewer rows of either kind make a staircase of noise. */
const CLASS_ROWS_MIN = 20;

/**
 * Isotonic, fitted to every other row and tried on the rest: if the calibration error there is no smaller than that of the
 * scores as they are, the map is empty, which leaves scores as they are. What is kept is fitted to all rows.
 *
 * @param isClass 1 where the row is of the class, else 0
 */
export function calibrationOf(scores: ArrayLike<number>, isClass: ArrayLike<number>): CalibrationMap {
  const none = { scores: [], shares: [] };
  let rows = 0;
  for (let i = 0; i < scores.length; i++) rows += isClass[i];
  if (rows < CLASS_ROWS_MIN || scores.length - rows < CLASS_ROWS_MIN) return none;
  const half = (odd: number) => Array.from({ length: (scores.length + 1 - odd) >> 1 }, (_, i) => 2 * i + odd);
  const [fitted, tried] = [half(0), half(1)];
  const map = fitIsotonic(
    fitted.map((i) => scores[i]),
    fitted.map((i) => isClass[i]),
  );
  const truth = tried.map((i) => isClass[i]);
  const asIs = expectedError(
    tried.map((i) => scores[i]),
    truth,
  );
  const mapped = expectedError(
    tried.map((i) => calibrated(map, scores[i])),
    truth,
  );
  return mapped < asIs ? fitIsotonic(scores, isClass) : none;
}

/** In ten bins of equal mass. */
function expectedError(scores: readonly number[], isClass: readonly number[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a] - scores[b]);
  const sums = new Float64Array(BINS);
  order.forEach((row, rank) => {
    sums[Math.floor((rank * BINS) / order.length)] += scores[row] - isClass[row];
  });
  return sums.reduce((sum, gap) => sum + Math.abs(gap), 0) / order.length;
}
