/**
 * Ten million predictions on disk that wait for their labels, and labels for some of them: rates, and memory.
 *
 *     node --conditions=@leeway/source scripts/bench/pending-labels-load.ts [predictions] [folder]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PendingLabels } from '@leeway/store';

const total = Number(process.argv[2] ?? 10_000_000);
const BATCH = 5_000;
const LABELLED = 0.05;
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'leeway-labels-'));
const path = join(folder, 'labels.db');
try {
  const store = new PendingLabels({ path, ttlMs: 30 * 86_400_000, rowsMax: total });
  const inserted = timed(() => {
    for (let from = 0; from < total; from += BATCH) store.addPredictions(batchOf(from), 1_000);
  });
  report('inserted', total, inserted);
  // Spread over all that wait: the worst that labels can do.
  const labelled = Math.floor(total * LABELLED);
  const step = Math.floor(total / labelled);
  const joined = timed(() => {
    for (let from = 0; from < labelled; from += BATCH) {
      const ids = Array.from({ length: Math.min(BATCH, labelled - from) }, (_, i) => idOf((from + i) * step));
      store.addLabels(
        { model: 'fraud', inferenceIds: ids, rows: ids.map(() => 0), labels: ids.map(() => 'ok') },
        2_000,
      );
    }
  });
  report('joined', labelled, joined);
  const { matched } = store.counts;
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${matched} of ${labelled} labels matched · peak ${peakMegabytes.toFixed(0)} MB resident · ${(statSync(path).size / 1e9).toFixed(2)} GB on disk`,
  );
  store.close();
  process.exitCode = matched === labelled && peakMegabytes <= 300 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function batchOf(from: number) {
  const inferenceIds = Array.from({ length: Math.min(BATCH, total - from) }, (_, i) => idOf(from + i));
  const zeros = new Float64Array(inferenceIds.length);
  return { model: 'fraud', version: '1', inferenceIds, rows: zeros, scores: [zeros], eventMs: zeros };
}

/** Sixteen hexadecimal digits, as a span's. */
function idOf(index: number): string {
  return (
    Math.imul(index + 1, 0x9e3779b1)
      .toString(16)
      .replace('-', '')
      .padStart(8, '0') + index.toString(16).padStart(8, '0')
  );
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function report(what: string, count: number, ms: number): void {
  console.log(
    `${what} ${count.toLocaleString('en-US')} in ${(ms / 1000).toFixed(1)} s: ${Math.round((count * 1000) / ms).toLocaleString('en-US')} a second`,
  );
}
