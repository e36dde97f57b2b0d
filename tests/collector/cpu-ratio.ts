/** The bar: what the whole sidecar spends on a span, against what this Collector spends on receiving it alone. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCollector } from './collector.ts';
import { cpuPerSpan, median } from './cpu.ts';
import { LOAD_FEATURES, Load, SPANS_PER_REQUEST } from './load.ts';
import { loadReference } from './reference.ts';
import type { Report } from './report.ts';
import { startSidecar } from './sidecar.ts';

/** HTTP, gzip, scan, bin and close of the sidecar are at most this share of the Collector's receive → nop. */
const RATIO_MAX = 0.75;
const ROUNDS_MIN = 5;
const REQUESTS_PER_ROUND = 150;
const SETTLE_MS = 500;
/** Short, so that panes close and windows are judged while it is measured; late enough for a slow machine's rounds. */
const WINDOW_MS = 6_000;
const PANE_MS = 1_000;
const LATENESS_MS = 8_000;
/** The first window is judged after its length and the lateness; some more follow. */
const LASTS_MS = WINDOW_MS + LATENESS_MS + 4 * PANE_MS;
const RECEIVE_NOP = join(dirname(fileURLToPath(import.meta.url)), 'receive-nop.yaml');

export async function checkCpu(report: Report, binary: string, folder: string): Promise<void> {
  const sidecar = await startSidecar({
    folder,
    references: [loadReference(WINDOW_MS)],
    metrics: ['psi', 'jensen_shannon', 'wasserstein'],
    clock: 'wall',
    windowMs: WINDOW_MS,
    paneMs: PANE_MS,
    latenessMs: LATENESS_MS,
    env: {},
  });
  try {
    const collector = await startCollector(binary, { config: RECEIVE_NOP, env: {} });
    try {
      const targets = {
        sidecar: { service: sidecar.service, endpoint: `http://127.0.0.1:${sidecar.otlpPort}` },
        collector: { service: collector.service, endpoint: collector.endpoint },
      };
      const load = new Load(1);
      const options = {
        rounds: ROUNDS_MIN,
        lastsMs: LASTS_MS,
        requestsPerRound: REQUESTS_PER_ROUND,
        settleMs: SETTLE_MS,
      };
      const figures = await cpuPerSpan(targets, load, options);
      await checkWork(report, sidecar.httpPort, load.requestCount * SPANS_PER_REQUEST);
      const [own, bare] = [median(figures.sidecar), median(figures.collector)];
      const text = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(' ');
      console.log(
        `CPU per span, microseconds, gzipped protobuf, ${SPANS_PER_REQUEST} spans of ${LOAD_FEATURES.length} features:`,
      );
      console.log(`  sidecar, whole process:     ${own.toFixed(2)}  (${text(figures.sidecar)})`);
      console.log(`  Collector, receive to nop:  ${bare.toFixed(2)}  (${text(figures.collector)})`);
      const ratio = own / bare;
      report.check(
        `CPU: the sidecar takes at most ${RATIO_MAX} of the Collector's`,
        ratio <= RATIO_MAX,
        ratio.toFixed(3),
      );
    } finally {
      await collector.service.stop();
    }
  } finally {
    await sidecar.service.stop();
  }
}

/** What was measured was work: every span was counted, and windows were closed and compared. */
async function checkWork(report: Report, httpPort: number, spanCount: number): Promise<void> {
  const text = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
  const sum = (sample: RegExp) =>
    text
      .split('\n')
      .filter((line) => sample.test(line))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  const counted = sum(/^leeway_observations_processed_total\{.*leeway_outcome="counted"/);
  report.equal('CPU: spans counted', counted, spanCount);
  const scores = text.split('\n').filter((line) => line.startsWith('ml_drift_score{')).length;
  report.check('CPU: windows were judged', scores > LOAD_FEATURES.length, `${scores} scores`);
}
