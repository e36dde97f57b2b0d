/** Metrics as they are shown: a value with its standard error, or why there is none. */
import type { PerformanceScore } from '@leeway/engine';

export type Figure = { readonly value: number; readonly standardError?: number } | { readonly reason: string };
export type Figures = Readonly<Record<string, Figure>>;

export function figureOf(score: PerformanceScore, standardError: number | undefined): Figure {
  if ('reason' in score) return { reason: score.reason };
  return { value: score.value, ...(standardError === undefined ? {} : { standardError }) };
}
