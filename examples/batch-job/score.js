// A batch job: rows in, scores out, a thousand at a time. `batch` is awaited: it waits while telemetry catches up, so
// nothing is lost and memory stays bounded.
import { flushInferences, monitor } from '@leeway/instrumentation';

const ROWS = Number(process.env.ROWS ?? 20_000);
const BATCH = 1_000;

const demand = monitor({
  model: { name: 'demand-forecast', version: '2026-11' },
  features: { store: 'string', weekday: 'number', price: 'number' },
});

async function forecast(rows) {
  return rows.map(({ weekday, price }) => Math.max(0, 120 - 8 * price + (weekday > 5 ? 30 : 0)));
}

for (let from = 0; from < ROWS; from += BATCH) {
  const rows = Array.from({ length: Math.min(BATCH, ROWS - from) }, (_, i) => ({
    store: `s${(from + i) % 12}`,
    weekday: 1 + ((from + i) % 7),
    price: 5 + ((from + i) % 50) / 10,
  }));
  await demand.batch(rows, () => forecast(rows));
}
// A job that ends before its telemetry has left would lose it.
await flushInferences();
console.log(`scored ${ROWS} rows`);
