/** Two JSON values, number by number. */

/** Relative: another CPU's exponential ends on another digit. */
const TOLERANCE = 1e-9;
/** What is left where two doubles of about 1 cancel. */
const CANCELLED = 1e-15;

export interface Difference {
  readonly numberCount: number;
  /** Relative, of two numbers further apart than rounding. */
  readonly largest: number;
  /** Where they differ by more than 1e-9, or in anything but a number: path, and both sides. */
  readonly places: readonly string[];
}

export function differences(actual: unknown, expected: unknown): Difference {
  let numberCount = 0;
  let largest = 0;
  const places: string[] = [];
  const compare = (a: unknown, b: unknown, path: string): void => {
    if (typeof a === 'number' && typeof b === 'number') {
      numberCount++;
      const apart = Math.abs(a - b);
      if (apart <= CANCELLED) return;
      largest = Math.max(largest, apart / Math.abs(b));
      if (!(apart <= TOLERANCE * Math.abs(b))) places.push(`${path}: ${a}, not ${b}`);
    } else if (isObject(a) && isObject(b)) {
      const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
      for (const key of keys) compare(a[key], b[key], `${path}/${key}`);
    } else if (a !== b) places.push(`${path}: ${JSON.stringify(a)}, not ${JSON.stringify(b)}`);
  };
  compare(actual, expected, '');
  return { numberCount, largest, places };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
