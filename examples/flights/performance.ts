/**
 * Is the model still right? January, which it was trained in, calibrates the estimate; the months after it are measured.
 *
 *     node --conditions=@leeway/source examples/flights/performance.ts [--json]
 *
 * Every tenth flight: a minute's work becomes ten seconds'.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scoredFlights } from './data/scored-flights.ts';
import { truthOf } from './data/truth.ts';

const STEP = 10;

const folder = mkdtempSync(join(tmpdir(), 'leeway-flights-'));
try {
  const january = join(folder, 'january.csv');
  const later = join(folder, 'february-to-june.csv');
  await writeScored(january, '2001-01-01', '2001-02-01');
  await writeScored(later, '2001-02-01', '2001-07-01');
  const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
  const columns = ['--label', 'arrived', '--prediction', 'late=late', '--time', 'date', '--every', '7d'];
  const args = ['performance', 'february-to-june.csv', ...columns, '--calibrate-on', 'january.csv'];
  const command = ['--conditions=@leeway/source', main, ...args, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, command, { cwd: folder, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function writeScored(path: string, from: string, to: string): Promise<void> {
  const lines = ['date,late,arrived'];
  const batches = scoredFlights(Date.parse(`${from}T00:00:00Z`), Date.parse(`${to}T00:00:00Z`), STEP);
  for await (const { predictions, dateMs, delay } of batches)
    predictions.forEach(({ late }, i) => {
      lines.push(`${new Date(dateMs[i]).toISOString()},${late},${truthOf(delay[i]) ?? ''}`);
    });
  writeFileSync(path, `${lines.join('\n')}\n`);
}
