/** Counting values into panes, closing windows, and the memory of many series. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { benchmarks as closing } from '../../packages/engine/src/signal/evaluate.bench.ts';
import { benchmarks as observing } from '../../packages/engine/src/sketch/observe.bench.ts';
import { type BenchResult, interleave } from './result.ts';

/** Figures of performance.md that inform, by the start of the name. */
const INFORMATIVE = {
  'observe numeric': 25,
  'close a window of 1 pane': 8_000,
  'close a window of 12 panes': 15_000,
} as const;

export function benchEngine(): BenchResult[] {
  const all = [...observing(), ...closing()];
  const times = interleave(
    all.map(({ run }) => run),
    { rounds: 9, calls: 5 },
  );
  return all.map(({ name, unit, unitCount }, i) => {
    const aim = INFORMATIVE[name as keyof typeof INFORMATIVE];
    const against = aim === undefined ? undefined : `the design aims at ${aim} ns`;
    return {
      name,
      value: (times[i] * 1e6) / unitCount,
      unit: `ns a ${unit}`,
      direction: 'informative',
      ...(against === undefined ? {} : { against }),
    };
  });
}

/** Resident memory of 10,000 series × 12 panes, in a process of its own. */
export async function benchMemory(): Promise<BenchResult[]> {
  const child = fork(fileURLToPath(new URL('./memory-child.ts', import.meta.url)), {
    execArgv: ['--conditions=@leeway/source'],
  });
  const [megabytes] = (await once(child, 'message')) as [number];
  return [
    {
      name: 'memory of 10,000 series × 12 panes',
      value: megabytes,
      unit: 'MB',
      bar: 450,
      direction: 'at most',
      against: 'resident, in a process of its own',
    },
  ];
}
