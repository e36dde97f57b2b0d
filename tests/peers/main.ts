/**
 * `npm run test:peers`: the oracles and peers themselves, installed and run again: scipy, scikit-learn, Evidently,
 * NannyML, Frouros and River say once more what packages/engine/fixtures holds, on made-up and on real rows, and every
 * number is compared. `npm test` holds the engine against those fixtures. Needs Python 3.11 and its packages; without them
 * the suite is skipped, loudly, and that is a failure in CI.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Report } from '../collector/report.ts';
import { command, pythonPrograms, pythonVersion } from '../python/environment.ts';
import { type Difference, differences } from './differences.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SCRIPTS = join(ROOT, 'scripts', 'statistics');
const FIXTURES = join(ROOT, 'packages', 'engine', 'fixtures');
const SHOWN = 5;

process.exitCode = main();

function main(): number {
  const version = pythonVersion();
  let programs = '';
  try {
    if (version === undefined) throw new Error('there is no python3 on the PATH');
    programs = pythonPrograms(version, join(SCRIPTS, 'requirements.txt'));
  } catch (error) {
    console.log(`SKIPPED: npm run test:peers needs Python 3.11 and its packages. NO peer was asked.\n${error}`);
    return process.env.CI === 'true' ? 1 : 0;
  }
  console.log(version);
  console.log(
    readFileSync(join(SCRIPTS, 'requirements.txt'), 'utf8')
      .replace(/^#.*\n/gm, '')
      .trim()
      .replaceAll('\n', ', '),
  );
  const report = new Report();
  const folder = mkdtempSync(join(tmpdir(), 'leeway-peers-'));
  try {
    makeFixtures(report, programs, folder);
    for (const file of readdirSync(FIXTURES).toSorted()) compareFixture(report, file, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(report.summary());
  return report.failed === 0 ? 0 : 1;
}

/** A script that fails leaves its fixtures out, which the comparison then tells. */
function makeFixtures(report: Report, programs: string, folder: string): void {
  // The peers tell their makers of every run unless they are told not to.
  const quiet = { NML_DISABLE_USAGE_LOGGING: '1', DO_NOT_TRACK: '1', PYTHONDONTWRITEBYTECODE: '1' };
  for (const script of readdirSync(SCRIPTS).filter((name) => /^make-.*\.py$/.test(name))) {
    const started = performance.now();
    let failure = '';
    try {
      command(join(programs, 'python'), [join(SCRIPTS, script)], { ...quiet, LEEWAY_FIXTURES: folder });
    } catch (error) {
      failure = String(error);
    }
    report.check(`${script} runs`, failure === '', failure || `${Math.round((performance.now() - started) / 1000)} s`);
  }
}

function compareFixture(report: Report, file: string, folder: string): void {
  const read = (place: string): unknown => JSON.parse(readFileSync(join(place, file), 'utf8'));
  let found: Difference;
  try {
    found = differences(read(folder), read(FIXTURES));
  } catch (error) {
    report.check(file, false, String(error));
    return;
  }
  const { numberCount, largest, places } = found;
  const numbers = numberCount.toLocaleString('en-US');
  const detail = places.length === 0 ? `largest difference ${largest}` : places.slice(0, SHOWN).join('; ');
  report.check(`${file}: ${numbers} numbers are what the peers say`, numberCount > 0 && places.length === 0, detail);
}
