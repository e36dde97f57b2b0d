/** What it costs a prediction to wait for its label, and a label to meet it: batches against a transaction each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PendingLabels } from '@leeway/store';
import type { BenchResult } from './result.ts';

const ROWS = 100_000;
const BATCH = 5_000;
const SINGLE_ROWS = 2_000;

export async function benchPendingLabels(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-labels-'));
  try {
    const store = new PendingLabels({ path: join(folder, 'labels.db'), ttlMs: 86_400_000 });
    const insert = microseconds(ROWS, BATCH, (from, count) => store.addPredictions(predictions(from, count), 0));
    const one = microseconds(SINGLE_ROWS, 1, (from) => store.addPredictions(predictions(ROWS + from, 1), 0));
    const meet = microseconds(ROWS, BATCH, (from, count) => store.addLabels(labels(from, count), 0));
    const { matched } = store.counts;
    store.close();
    if (matched !== ROWS) throw new Error(`${matched} of ${ROWS} labels met their prediction`);
    return [
      informative(
        'pending labels, a prediction',
        insert,
        `in batches of ${BATCH}; a transaction each takes ${one.toFixed(1)} µs`,
      ),
      informative('pending labels, a label', meet, 'meets its prediction'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function microseconds(rows: number, batch: number, work: (from: number, count: number) => unknown): number {
  const started = performance.now();
  for (let from = 0; from < rows; from += batch) work(from, batch);
  return ((performance.now() - started) * 1000) / rows;
}

function informative(name: string, value: number, against: string): BenchResult {
  return { name, value, unit: 'µs', direction: 'informative', against };
}

function predictions(from: number, count: number) {
  const inferenceIds = idsOf(from, count);
  const zeros = new Float64Array(count);
  return { model: 'fraud', version: '1', inferenceIds, rows: zeros, scores: [zeros], eventMs: zeros };
}

function labels(from: number, count: number) {
  const inferenceIds = idsOf(from, count);
  return { model: 'fraud', inferenceIds, rows: new Float64Array(count), labels: inferenceIds.map(() => 'ok') };
}

/** Sixteen hexadecimal digits in no order, as a span's. */
function idsOf(from: number, count: number): string[] {
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
  return Array.from({ length: count }, (_, i) => hex(Math.imul(from + i + 1, 0x9e3779b1)) + hex(from + i));
}
