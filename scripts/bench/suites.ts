import { benchCollect } from './collect.ts';
import type { BenchSuite } from './result.ts';

/** In the order of the data's way through the process. */
export const SUITES: Readonly<Record<string, BenchSuite>> = {
  collect: benchCollect,
};
