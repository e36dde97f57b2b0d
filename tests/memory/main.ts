/**
 * `npm run test:memory`: `leeway profile` of 4,000,000 × 20 cells may not need more than 1.1 times the resident memory
 * of 1,000,000 × 20, and not more than 400 MB, whatever the format. Measured as the peak that the kernel has seen of the process itself
 * (VmHWM), on Linux.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { COLUMN_COUNT, csvTable, jsonLinesTable, writeParquet } from './table.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const RATIO_MAX = 1.1;
const PEAK_MEGABYTES_MAX = 400;
const POLL_MS = 50;
const FORMATS = ['csv', 'jsonl', 'parquet'] as const;
type Format = (typeof FORMATS)[number];

interface Run {
  readonly peakMegabytes: number;
  readonly seconds: number;
  readonly profile: { readonly rowCount: number; readonly features: readonly { readonly rowCount: number }[] };
}

let passed = 0;
let failed = 0;

const folder = mkdtempSync(join(tmpdir(), 'leeway-memory-'));
try {
  const asked = process.argv.slice(2);
  for (const format of FORMATS) if (asked.length === 0 || asked.includes(format)) await checkFormat(format);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function check(name: string, holds: boolean): void {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}`);
  if (holds) passed++;
  else failed++;
}

async function checkFormat(format: Format): Promise<void> {
  const small = await profiled(format, 1_000_000);
  const large = await profiled(format, 4_000_000);
  for (const run of [small, large]) {
    const { rowCount, features } = run.profile;
    const rows = rowCount.toLocaleString('en-US');
    const speed = Math.round(rowCount / run.seconds).toLocaleString('en-US');
    console.log(`${format}, ${rows} × ${COLUMN_COUNT}: peak ${run.peakMegabytes.toFixed(0)} MB, ${speed} rows/s`);
    check(`${format}, ${rows} rows: every column is a feature`, features.length === COLUMN_COUNT);
    check(
      `${format}, ${rows} rows: every row is counted once`,
      features.every((one) => one.rowCount === rowCount),
    );
  }
  const ratio = large.peakMegabytes / small.peakMegabytes;
  check(
    `${format}: peak of 4 million rows / peak of 1 million: ${ratio.toFixed(3)} ≤ ${RATIO_MAX}`,
    ratio <= RATIO_MAX,
  );
  check(
    `${format}: peak of 4 million rows: ${large.peakMegabytes.toFixed(0)} MB ≤ ${PEAK_MEGABYTES_MAX} MB`,
    large.peakMegabytes <= PEAK_MEGABYTES_MAX,
  );
}

async function profiled(format: Format, rowCount: number): Promise<Run> {
  const output = join(folder, `${format}-${rowCount}.json`);
  // Parquet is read from its end, so it needs a file; it is made before the clock runs.
  const path = format === 'parquet' ? join(folder, `${rowCount}.parquet`) : '-';
  if (format === 'parquet') writeParquet(path, rowCount);
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--conditions=@leeway/source',
      join(ROOT, 'packages/cli/src/main.ts'),
      ...['profile', path, '--format', format, '--model', 'memory', '--output', output],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  let peakMegabytes = 0;
  const poll = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid!));
  }, POLL_MS);
  try {
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    if (format === 'parquet') child.stdin.end();
    else await pipeline(format === 'csv' ? csvTable(rowCount) : jsonLinesTable(rowCount), child.stdin);
    if ((await exit) !== 0) throw new Error(`leeway profile of ${rowCount} rows of ${format} failed`);
  } finally {
    clearInterval(poll);
    child.kill();
    rmSync(join(folder, `${rowCount}.parquet`), { force: true });
  }
  const seconds = (performance.now() - started) / 1000;
  return { peakMegabytes, seconds, profile: JSON.parse(readFileSync(output, 'utf8')) };
}

/** Megabytes (2^20 bytes); 0 when the process has ended. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
