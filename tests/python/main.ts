/**
 * `npm run test:python`: the Python example for real. Trains its model, makes a reference of the training data, runs the
 * service and a sidecar, sends rows that the model has not seen, then the same rows with one measurement in another
 * unit. Also the Python of docs/any-language.md. Needs Python 3.11 or later and its packages; without them the suite is
 * skipped, loudly, and that is a failure in CI.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { STATUS } from '@leeway/engine';
import { booksBalance, type Metrics, one, total } from '../../packages/sidecar/test/scoring.ts';
import { freePorts, startService } from '../collector/processes.ts';
import { Report } from '../collector/report.ts';
import { command, pythonPrograms, pythonVersion } from './environment.ts';
import { monitored } from './monitored.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const EXAMPLE = join(ROOT, 'examples', 'python-fastapi');
const BATCH_ROWS = 85;
/** Centimetres where the model expects millimetres. */
const UNIT_FACTOR = 0.1;
const SHIFTED = 'mean perimeter';

type Row = Readonly<Record<string, number | null>>;

process.exitCode = await main();

async function main(): Promise<number> {
  const version = pythonVersion();
  let programs = '';
  try {
    if (version === undefined) throw new Error('there is no python3 on the PATH');
    programs = pythonPrograms(version, join(EXAMPLE, 'requirements.txt'));
  } catch (error) {
    console.log(`SKIPPED: npm run test:python needs Python and its packages. NOTHING was tested.\n${error}`);
    return process.env.CI === 'true' ? 1 : 0;
  }
  console.log(version);
  const report = new Report();
  const folder = mkdtempSync(join(tmpdir(), 'leeway-python-'));
  try {
    await report.part('service', () => checkService(report, programs, folder));
    await report.part('page', () => checkPage(report, programs, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(report.summary());
  return report.failed === 0 ? 0 : 1;
}

async function checkService(report: Report, programs: string, folder: string): Promise<void> {
  console.log(command(join(programs, 'python'), [join(EXAMPLE, 'train.py'), folder]).trim());
  const reference = join(folder, 'reference.json');
  const cli = join(ROOT, 'packages', 'cli', 'src', 'main.ts');
  const outputs = ['--prediction', 'label', '--prediction', 'score'];
  const profile = ['profile', join(folder, 'training.csv'), '-m', 'tumour', ...outputs, '-o', reference];
  command(process.execPath, ['--conditions=@leeway/source', cli, ...profile]);

  const [port, otlpPort] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const service = await startService({
    name: 'uvicorn',
    file: join(programs, 'uvicorn'),
    args: ['main:app', '--port', String(port), '--log-level', 'warning'],
    cwd: EXAMPLE,
    env: {
      MODEL_FILE: join(folder, 'model.joblib'),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlpPort}`,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      PYTHONDONTWRITEBYTECODE: '1',
    },
    readyUrl: `${url}/health`,
  });
  try {
    const lines = readFileSync(join(folder, 'serving.jsonl'), 'utf8').trim().split('\n');
    const rows = lines.map((line, i) => withGap(JSON.parse(line), i));
    const options = { folder, otlpPort, reference: 'reference.json' };
    const quiet = await monitored(options, rows.length, () => sendRows(url, rows));
    checkBooks(report, 'rows like those of the training', quiet, rows.length);
    const gapCount = rows.filter((row) => Object.values(row).includes(null)).length;
    const missing = total(quiet, 'ml_feature_values_total', '"mean texture"', '"missing"');
    report.equal('missing values are counted, of batches and single ones', missing, gapCount);
    const usual = statusOf(quiet, SHIFTED);
    report.check(`${SHIFTED} has not drifted`, usual === STATUS.ok || usual === STATUS.warning, `status ${usual}`);
    const critical = total(quiet, 'ml_drift_features', 'data_drift', '"critical"');
    report.check('no feature is critical', critical === 0, `${critical} are`);

    const shiftedRows = rows.map((row) => ({ ...row, [SHIFTED]: scaled(row[SHIFTED]) }));
    const shifted = await monitored(options, rows.length, () => sendRows(url, shiftedRows));
    checkBooks(report, 'rows with another unit', shifted, rows.length);
    report.equal(`${SHIFTED} has drifted, critically`, statusOf(shifted, SHIFTED), STATUS.critical);
    report.equal('and so has the model', one(shifted, 'ml_monitor_status', '"data_drift"'), STATUS.critical);
    const others = total(shifted, 'ml_drift_features', 'data_drift', '"critical"');
    report.equal('no other feature has', others, 1);
  } finally {
    await service.stop();
  }
}

/** One row in twenty lacks a measurement. */
function withGap(row: Row, index: number): Row {
  return index % 20 === 0 ? { ...row, 'mean texture': null } : row;
}

function scaled(value: number | null): number | null {
  return value === null ? null : value * UNIT_FACTOR;
}

/** Two batches, then row by row. */
async function sendRows(url: string, rows: readonly Row[]): Promise<void> {
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  };
  await post('/predict/batch', { rows: rows.slice(0, BATCH_ROWS) });
  await post('/predict/batch', { rows: rows.slice(BATCH_ROWS, 2 * BATCH_ROWS) });
  for (const features of rows.slice(2 * BATCH_ROWS)) await post('/predict', { features });
}

function checkBooks(report: Report, name: string, metrics: Metrics, rowCount: number): void {
  report.check(`${name}: the books balance`, booksBalance(metrics));
  const counted = total(metrics, 'leeway_observations_processed_total', '"counted"', '"reference"');
  report.equal(`${name}: every row is counted, of batches and single ones`, counted, rowCount);
}

function statusOf(metrics: Metrics, feature: string): number {
  return one(metrics, 'ml_drift_status', `"${feature}"`);
}

/** The Python of the page: two predictions, one of them in a batch of three. */
async function checkPage(report: Report, programs: string, folder: string): Promise<void> {
  const page = readFileSync(join(ROOT, 'docs', 'any-language.md'), 'utf8');
  const code = /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const script = join(folder, 'page.py');
  writeFileSync(script, code);
  const [otlpPort] = await freePorts(1);
  const metrics = await monitored({ folder, otlpPort }, 4, async (url) => {
    const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: url };
    // Not the synchronous one: the sidecar answers from this very thread.
    await promisify(execFile)(join(programs, 'python'), [script], { env });
  });
  const counted = total(metrics, 'leeway_observations_processed_total', '"counted"', '"no_reference"');
  report.equal('the Python of docs/any-language.md sends what it says', counted, 4);
}
