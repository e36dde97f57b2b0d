/**
 * A job that scores: `score.ts <batches|together|rows|burst> <row count>`. The SDK is whoever's was registered before. Ends as a job
 * does, and prints how much memory it took.
 */
import { flushInferences, monitor } from '@leeway/instrumentation';
import { BATCH_ROWS, MODEL, rowAt, scoreOf, wideRowAt } from './model.ts';

const [mode, countText] = process.argv.slice(2);
const count = Number(countText);
const risk = monitor<number>({
  // Its own series for each run.
  model: { ...MODEL, version: mode },
  capture: { features: '*', predictions: true },
  output: (score) => ({ score }),
});

const started = performance.now();
const batchFrom = (from: number) => {
  const rows = Array.from({ length: Math.min(BATCH_ROWS, count - from) }, (_, i) => wideRowAt(from + i));
  return risk.batch(rows, async () => rows.map((_, i) => scoreOf(rowAt(from + i))));
};
const starts = Array.from({ length: Math.ceil(count / BATCH_ROWS) }, (_, i) => i * BATCH_ROWS);
if (mode === 'batches') for (const from of starts) await batchFrom(from);
else if (mode === 'together') await Promise.all(starts.map(batchFrom));
else {
  for (let i = 0; i < count; i++) {
    const row = rowAt(i);
    risk.predict({ ...row }, () => scoreOf(row));
  }
}
const scoredMs = performance.now() - started;
await flushInferences();
const { maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ scoredMs, sentMs: performance.now() - started, peakMegabytes: maxRSS / 1024 }));
