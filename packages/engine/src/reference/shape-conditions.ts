/** Conditions that several parts of a profile share. */
import { join, type Problems } from './shape.ts';

export function requireAscending(values: readonly number[], path: string, problems: Problems): void {
  const fault = values.findIndex((value, i) => i > 0 && !(value > values[i - 1]));
  if (fault > 0) {
    problems.add(join(path, fault), `is ${values[fault]}, not above ${values[fault - 1]}, the one before it`);
  }
}

export function requireLength(
  values: readonly unknown[],
  length: number,
  path: string,
  rule: string,
  problems: Problems,
): void {
  if (values.length !== length) problems.add(path, `has ${values.length} items: expected ${length}, ${rule}`);
}
