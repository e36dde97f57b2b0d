/** One figure of a benchmark, and what it is held against. */
export interface BenchResult {
  /** Stable: scripts and docs/decisions refer to it. */
  readonly name: string;
  readonly value: number;
  /** `×` for a ratio against something in the same run. */
  readonly unit: string;
  /** Undefined for a figure that only informs. */
  readonly bar?: number;
  readonly direction: 'at least' | 'at most' | 'informative';
  /** What it was measured against, in a few words. */
  readonly against?: string;
  /** Of how many runs it is the median; 1 when absent. */
  readonly runCount?: number;
}

export type BenchSuite = () => Promise<readonly BenchResult[]> | readonly BenchResult[];

export function isMet({ bar, direction, value }: BenchResult): boolean {
  if (bar === undefined || direction === 'informative') return true;
  return direction === 'at least' ? value >= bar : value <= bar;
}

/** Middle of the values; the mean of the middle two when there is an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Times functions against each other: interleaved rounds in one process, so that whatever else the machine does hits
 * all of them, and medians over the rounds.
 *
 * @returns median milliseconds per call of each function, in the order given
 */
export function interleave(
  functions: readonly (() => unknown)[],
  settings: { rounds: number; calls: number },
): number[] {
  for (const run of functions) for (let i = 0; i < settings.calls; i++) run();
  const times: number[][] = functions.map(() => []);
  for (let round = 0; round < settings.rounds; round++) {
    functions.forEach((run, index) => {
      const started = performance.now();
      for (let i = 0; i < settings.calls; i++) run();
      times[index].push((performance.now() - started) / settings.calls);
    });
  }
  return times.map(median);
}

/** Milliseconds of CPU that this thread has used: what other processes take does not count. Coarse: some milliseconds. */
export function threadCpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
