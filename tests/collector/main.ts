/**
 * `npm run test:collector`: the shipped Collector configurations, validated and run with a real Collector, and the whole
 * line from a scoring service to an OTLP sink through it. Needs Go; without it the suite is skipped, loudly, and that is
 * a failure in CI.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriftMetric } from '@leeway/engine';
import { checkAbsentSidecar, checkBranch } from './branch.ts';
import { builtCollector, COLLECTOR_VERSION, CONFIG_FOLDER, goVersion } from './build.ts';
import { validationError } from './collector.ts';
import { checkContrib } from './contrib.ts';
import { checkCpu } from './cpu-ratio.ts';
import { flights } from './flights.ts';
import { checkLine, type LineInput, RETURN_PATHS } from './line.ts';
import { lintCollectorConfig } from './lint.ts';
import { observationOf } from './observation.ts';
import { ENCODINGS } from './otlp-messages.ts';
import { flightsReference } from './reference.ts';
import { Report } from './report.ts';
import { dayOf } from './scenario.ts';
import { COMPRESSIONS } from './send.ts';
import { checkShards } from './shards.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 2001-02-07, a Wednesday, and where its rows are in the file; of these every third. */
const DAY_START_MS = Date.UTC(2001, 1, 7);
const DAY_ROWS = [600_000, 640_000, 1] as const;
const DAY_STEP = 3;
/** The first weeks of January: the reference. */
const REFERENCE_ROWS = [0, 400_000, 40] as const;
/** One set a run, so that all of them travel; a sidecar computes three. */
const STATISTICS: readonly (readonly DriftMetric[])[] = [
  ['psi', 'jensen_shannon', 'wasserstein'],
  ['psi', 'kolmogorov_smirnov', 'chi_square'],
  ['psi', 'cramers_v', 'chebyshev'],
  ['psi', 'hellinger', 'total_variation'],
  ['psi', 'kullback_leibler', 'wasserstein'],
  ['psi', 'jensen_shannon', 'kolmogorov_smirnov'],
];

const go = goVersion();
if (go === undefined) {
  console.log('SKIPPED: npm run test:collector needs Go 1.25 or later on the PATH. NOTHING was tested.');
  process.exitCode = process.env.CI === 'true' ? 1 : 0;
} else {
  process.exitCode = await run(go);
}

async function run(goRelease: string): Promise<number> {
  const report = new Report();
  const folder = mkdtempSync(join(tmpdir(), 'leeway-collector-'));
  try {
    const binary = await builtCollector(goRelease);
    console.log(`Collector ${COLLECTOR_VERSION}, ${goRelease}`);
    checkConfigurations(report, binary);
    const input = await lineInput(binary, folder);
    const day = dayOf(input.flights, 'branch');
    await report.part('branch', () => checkBranch(report, binary, day));
    await report.part('contrib', () => checkContrib(report, binary, join(folder, 'contrib'), day));
    await report.part('absent sidecar', () => checkAbsentSidecar(report, binary, day));
    const wires = ENCODINGS.flatMap((encoding) => COMPRESSIONS.map((compression) => ({ encoding, compression })));
    for (const [i, wire] of wires.entries()) {
      const check = () => checkLine(report, { ...input, metrics: STATISTICS[i] }, wire, RETURN_PATHS.otlp);
      await report.part(`line ${wire.encoding} ${wire.compression}`, check);
    }
    const wire = { encoding: 'protobuf', compression: 'gzip' } as const;
    await report.part('line scraped', () => checkLine(report, input, wire, RETURN_PATHS.scrape));
    const past = await flights(...REFERENCE_ROWS);
    await report.part('shards', () => checkShards(report, { ...input, past }));
    await report.part('CPU', () => checkCpu(report, binary, join(folder, 'cpu')));
  } catch (error) {
    report.check('run', false, error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(report.summary());
  return report.failed === 0 ? 0 : 1;
}

function checkConfigurations(report: Report, binary: string): void {
  const files = readdirSync(CONFIG_FOLDER).filter((file) => file.endsWith('.yaml') && !file.startsWith('builder'));
  for (const file of files) {
    const error = validationError(binary, file);
    report.check(`${file} validates`, error === undefined, error);
    const findings = lintCollectorConfig(readFileSync(join(CONFIG_FOLDER, file), 'utf8'));
    report.equal(`${file} has no lint finding`, findings, []);
  }
  report.check('there are configurations', files.length >= 8, files.join(', '));
}

async function lineInput(binary: string, folder: string): Promise<LineInput> {
  const window = { startMs: DAY_START_MS, endMs: DAY_START_MS + DAY_MS, paneMs: DAY_MS / 12 };
  const [fromRow, toRow, step] = DAY_ROWS;
  const rows = (await flights(fromRow, toRow, step)).filter(
    ({ timeMs }) => timeMs >= window.startMs && timeMs < window.endMs,
  );
  const past = (await flights(...REFERENCE_ROWS)).map(observationOf);
  const reference = flightsReference(past, DAY_MS);
  return {
    binary,
    folder,
    reference,
    metrics: STATISTICS[0],
    window,
    flights: rows.filter((_, i) => i % DAY_STEP === 0),
  };
}
