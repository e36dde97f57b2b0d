/**
 * A job that scores: `score.ts <batches|rows> <row count>`. The SDK is whoever's was registered before. Ends as a job
 * does, and prints how much memory it took.
 */
import { flushInferences, monitor } from '@leeway/instrumentation';
import { BATCH_ROWS, MODEL, rowAt, scoreOf, wideRowAt } from './model.ts';

const [mode, countText] = process.argv.slice(2);
const count = Number(countText);
const risk = monitor<number>({
  model: MODEL,
  capture: { features: '*', predictions: true },
  output: (score) => ({ score }),
});

const started = performance.now();
if (mode === 'batches') {
  for (let from = 0; from < count; from += BATCH_ROWS) {
    const rows = Array.from({ length: Math.min(BATCH_ROWS, count - from) }, (_, i) => wideRowAt(from + i));
    await risk.batch(rows, async () => rows.map((_, i) => scoreOf(rowAt(from + i))));
  }
} else {
  for (let i = 0; i < count; i++) {
    const row = rowAt(i);
    risk.predict({ ...row }, () => scoreOf(row));
  }
}
const scoredMs = performance.now() - started;
await flushInferences();
const { maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ scoredMs, sentMs: performance.now() - started, peakMegabytes: maxRSS / 1024 }));
