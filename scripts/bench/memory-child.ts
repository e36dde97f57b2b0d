/** Fills 12 panes of 10,000 numeric series and says how much memory is resident. */
import { compileLayout, createPane } from '@leeway/engine';
import { profileOf } from '../../packages/engine/test/sample-profile.ts';
import { sampleStream } from '../../packages/engine/test/sample-stream.ts';

const SERIES = 10_000;
const COLUMNS = 20;
const PANES = 12;

const stream = sampleStream(1);
const columns = Array.from({ length: COLUMNS }, (_, i) => [
  `c${i}`,
  Array.from({ length: 5_000 }, () => stream.normal()),
]);
const layout = compileLayout(profileOf(Object.fromEntries(columns)));
// Written, so that the pages are there and not only promised.
const panes = Array.from({ length: (SERIES / COLUMNS) * PANES }, () => createPane(layout).fill(1.5));
process.send?.(panes.length === 0 ? 0 : process.memoryUsage.rss() / 2 ** 20);
