/** What several runs together say, and which missed bars a decision excuses. */
import { type BenchResult, median } from './result.ts';

export interface Excuse {
  readonly file: string;
  /** In the bench's unit; a decision without one excuses nothing. */
  readonly floor: number | undefined;
}

/** By figure, the median over the runs; all runs have the same figures in the same order. */
export function medianOfRuns(runs: readonly (readonly BenchResult[])[]): readonly BenchResult[] {
  if (runs.length === 1) return runs[0];
  return runs[0].map((first, i) => ({
    ...first,
    value: median(runs.map((run) => run[i].value)),
    runCount: runs.length,
  }));
}

/**
 * The excuses that decisions give: the item that names a bench between backticks, up to the next item or blank line,
 * holds "(floor: 9 ×)".
 */
export function excusesIn(
  pages: readonly { readonly file: string; readonly text: string }[],
  names: readonly string[],
): ReadonlyMap<string, Excuse> {
  const excuses = new Map<string, Excuse>();
  for (const { file, text } of pages) {
    for (const item of text.split(/\n(?=\s*\n|- )/)) {
      const floor = /\(floor: (\d+(?:\.\d+)?)[^)]*\)/.exec(item)?.[1];
      for (const name of names) {
        if (item.includes(`\`${name}\``))
          excuses.set(name, { file, floor: floor === undefined ? undefined : Number(floor) });
      }
    }
  }
  return excuses;
}

export function isExcused({ direction, value }: BenchResult, excuse: Excuse | undefined): boolean {
  if (excuse?.floor === undefined) return false;
  return direction === 'at most' ? value <= excuse.floor : value >= excuse.floor;
}
