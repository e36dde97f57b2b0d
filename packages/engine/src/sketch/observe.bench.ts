/** What it costs to count values into a pane, and to merge panes. */
import { batchOf } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { type BinSearch, findBinPlain, findBins } from './bin-search.ts';
import { compileLayout } from './layout.ts';
import { createPane, mergePane } from './pane.ts';
import { PaneSet } from './pane-set.ts';

const COLUMN_COUNT = 20;
/** Enough that the branch predictor cannot learn the values by heart. */
const ROW_COUNT = 16_384;

export interface Benchmark {
  readonly name: string;
  /** What `unitCount` counts: the figure is nanoseconds per one of them. */
  readonly unit: string;
  readonly unitCount: number;
  run(): unknown;
}

export function benchmarks(): readonly Benchmark[] {
  const stream = sampleStream(1);
  const names = (index: number): string => `c${index}`;
  const columnsOf = (draw: () => number | string, rowCount: number): (number | string)[][] =>
    Array.from({ length: COLUMN_COUNT }, () => Array.from({ length: rowCount }, draw));
  const layoutOf = (draw: () => number | string) => {
    const columns = columnsOf(draw, 5000);
    return compileLayout(profileOf(Object.fromEntries(columns.map((cells, i) => [names(i), cells]))));
  };
  const kinds = {
    numeric: () => stream.normal(),
    skewed: () => Math.exp(2 * stream.normal()),
    categorical: () => `city ${stream.whole(1 + stream.whole(200))}`,
  };
  const observed = Object.entries(kinds).map(([kind, draw]): Benchmark => {
    const set = new PaneSet(layoutOf(draw), { paneMs: 1e9, latenessMs: 0, skewMs: 0, mode: 'event' });
    const batch = batchOf(columnsOf(draw, ROW_COUNT));
    const run = () => set.append(batch, Number.POSITIVE_INFINITY);
    return { name: `observe ${kind}`, unit: 'value', unitCount: ROW_COUNT * COLUMN_COUNT, run };
  });
  const layout = layoutOf(kinds.numeric);
  const panes = Array.from({ length: 12 }, () => createPane(layout));
  const window = createPane(layout);
  const merge = () => {
    for (const pane of panes) mergePane(layout, window, pane);
  };
  return [
    ...observed,
    ...binSearches(layout.columns[0].numeric!.search, kinds.numeric),
    { name: 'merge 12 panes', unit: 'series', unitCount: COLUMN_COUNT, run: merge },
  ];
}

/** The table against its plain twin on the same values. */
function binSearches(search: BinSearch, draw: () => number): readonly Benchmark[] {
  const values = Float64Array.from({ length: ROW_COUNT }, draw);
  const bins = new Uint16Array(ROW_COUNT);
  const plain = () => {
    for (let i = 0; i < ROW_COUNT; i++) bins[i] = findBinPlain(search, values[i]);
  };
  return [
    { name: 'bin by table', unit: 'value', unitCount: ROW_COUNT, run: () => findBins(search, values, ROW_COUNT, bins) },
    { name: 'bin by binary search', unit: 'value', unitCount: ROW_COUNT, run: plain },
  ];
}
