/**
 * `npm run bench`: the bars of this project, as ratios against something in the same run.
 *
 *   --json FILE   also writes [{ name, value, unit, bar, direction, ok }]
 *   --write       also writes docs/benchmarks.md
 *   --only WORD   suites whose name contains the word
 *
 * A suite that misses a bar is run again, so that one bad moment of a shared machine decides nothing; what counts, and
 * what is printed, is then the median of all its runs, never the best of them.
 *
 * Exits 1 when a bar is missed, unless a page in docs/decisions names the bench, says why, and gives a floor as
 * "(floor: 9 ×)" in the same item: below the floor it is missed all the same.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Excuse, excusesIn, isExcused, medianOfRuns } from './judge.ts';
import { type BenchResult, type BenchSuite, isMet } from './result.ts';
import { SUITES } from './suites.ts';

/** Once, or as often as it takes for a median to mean something. */
const RUNS_WHEN_MISSED = 3;
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, write: { type: 'boolean' }, only: { type: 'string' } },
});

const results: BenchResult[] = [];
for (const [name, suite] of Object.entries(SUITES)) {
  if (options.only !== undefined && !name.includes(options.only)) continue;
  process.stderr.write(`${name} …\n`);
  results.push(...(await measured(suite)));
}

const excuses = decisions(results.map(({ name }) => name));
const missed = results.filter((result) => !isMet(result));
const unexcused = missed.filter((result) => !isExcused(result, excuses.get(result.name)));
console.log(table(results));
for (const result of missed) {
  const excuse = excuses.get(result.name);
  if (excuse === undefined) console.log(`MISSED: ${result.name}`);
  else if (isExcused(result, excuse)) console.log(`missed, see ${excuse.file} (floor ${excuse.floor}): ${result.name}`);
  else console.log(`MISSED, and beyond the floor of ${excuse.file} (${excuse.floor ?? 'none given'}): ${result.name}`);
}
console.log(`${results.length - unexcused.length} passed, ${unexcused.length} failed`);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results.map(asRecord), null, 2)}\n`);
if (options.write === true) writeFileSync(join(ROOT, 'docs', 'benchmarks.md'), page(results));
process.exit(unexcused.length === 0 ? 0 : 1);

async function measured(suite: BenchSuite): Promise<readonly BenchResult[]> {
  const runs = [await suite()];
  const named = decisions(runs[0].map(({ name }) => name));
  const isMissed = (result: BenchResult) => !isMet(result) && !isExcused(result, named.get(result.name));
  if (runs[0].some(isMissed)) while (runs.length < RUNS_WHEN_MISSED) runs.push(await suite());
  return medianOfRuns(runs);
}

function asRecord(result: BenchResult) {
  const { name, value, unit, bar, direction, runCount = 1 } = result;
  return { name, value, unit, bar: bar ?? null, direction, runs: runCount, ok: isMet(result) };
}

/** Bench names that a decision mentions between backticks. */
function decisions(names: readonly string[]): ReadonlyMap<string, Excuse> {
  const folder = join(ROOT, 'docs', 'decisions');
  const pages = readdirSync(folder).map((file) => ({
    file: `docs/decisions/${file}`,
    text: readFileSync(join(folder, file), 'utf8'),
  }));
  return excusesIn(pages, names);
}

function table(rows: readonly BenchResult[]): string {
  const lines = ['| bench | measured | runs | bar | against |', '|---|---|---|---|---|'];
  for (const row of rows) {
    const bar = row.bar === undefined ? 'informative' : `${row.direction} ${format(row.bar)} ${row.unit}`;
    const mark = isMet(row) ? '' : ' **missed**';
    lines.push(
      `| ${row.name} | ${format(row.value)} ${row.unit}${mark} | ${row.runCount ?? 1} | ${bar} | ${row.against ?? ''} |`,
    );
  }
  return lines.join('\n');
}

function format(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

function page(rows: readonly BenchResult[]): string {
  const cpu = cpus();
  const machine = `${cpu.length} × ${cpu[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${arch()}, Node ${process.version}`;
  return [
    '<!-- Written by `npm run bench -- --write`. Do not edit. -->',
    '# Benchmarks',
    '',
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine}. Medians of interleaved rounds. A suite that missed a bar was run`,
    'three times: then it is the median of the runs, their number stands in the table. Ratios hold to about a quarter from',
    'run to run on a shared machine, absolute figures swing by two.',
    '',
    table(rows),
    '',
    'Repeat them with `npm run bench`; `--json FILE` writes them for a script.',
    '',
  ].join('\n');
}
