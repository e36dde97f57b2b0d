/** Handing 10,000 series × 5 signals to the exporter. */
import { compileLayout, compilePolicy, createPane, evaluate } from '@leeway/engine';
import { LeewayMetricProducer, ModelMetrics, type MonitoredModel } from '@leeway/exporter';
import { profileOf } from '../../packages/engine/test/sample-profile.ts';
import { sampleStream } from '../../packages/engine/test/sample-stream.ts';
import { type BenchResult, interleave } from './result.ts';

const MODELS = 20;
const COLUMNS = 30;

export async function benchCollect(): Promise<BenchResult[]> {
  const stream = sampleStream(1);
  const columns = Array.from({ length: COLUMNS }, (_, i) => [
    `c${i}`,
    Array.from({ length: 2_000 }, () => stream.normal()),
  ]);
  const reference = profileOf(Object.fromEntries(columns));
  const layout = compileLayout(reference);
  const window = { windowMs: 3_600_000, paneMs: 300_000 };
  const policy = compilePolicy(reference, { metrics: ['psi', 'jensen_shannon', 'wasserstein'] }, window);
  const totals = createPane(layout).fill(300);
  const evaluation = evaluate(layout, policy, { startMs: 0, endMs: 3_600_000, state: totals, filled: true });
  const models = Array.from(
    { length: MODELS },
    (_, i): MonitoredModel => ({
      environment: 'production',
      model: `m${i}`,
      version: '1',
      reference,
      layout,
      totals,
      evaluation,
      intervalMs: window.paneMs,
    }),
  );
  const metrics = new ModelMetrics({ monitored: () => models, unreferenced: () => [] }, 0);
  const producer = new LeewayMetricProducer({ sources: [metrics], now: () => 1_000, version: 'bench' });
  await producer.collect();
  const points = producer.counts.exported;
  const [collecting] = interleave([() => void producer.collect()], { rounds: 9, calls: 3 });
  return [
    {
      name: 'collect, per point',
      value: (collecting * 1e3) / points,
      unit: 'µs',
      bar: 0.5,
      direction: 'at most',
      against: `${points.toLocaleString('en-US')} points of ${MODELS} models`,
    },
  ];
}
