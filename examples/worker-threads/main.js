// Scores in worker threads: each loads the model itself. --import applies to workers too, so each is instrumented.
import { Worker } from 'node:worker_threads';

const WORKERS = 2;
const ROWS = 200;

const plans = ['free', 'pro'];
const rows = Array.from({ length: ROWS }, (_, i) => ({
  age: ((i * 37) % 100) / 100,
  amount: ((i * 61) % 100) / 100,
  plan: plans[i % plans.length],
}));

const counts = await Promise.all(
  Array.from({ length: WORKERS }, (_, index) => {
    const share = rows.filter((_row, i) => i % WORKERS === index);
    const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: share });
    return new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  }),
);
console.log(`scored ${counts.reduce((sum, count) => sum + count, 0)} rows in ${WORKERS} workers`);
