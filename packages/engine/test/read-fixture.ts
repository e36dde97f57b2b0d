import { readFileSync } from 'node:fs';

/** A file of packages/engine/fixtures; scripts/statistics says how each is made. */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));
}

/** |actual − expected| relative to the expected value; absolute where that is below 1e-300. */
export function relativeError(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-300);
}
