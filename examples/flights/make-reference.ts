/**
 * Makes `reference.json` of the training weeks, by `leeway profile` as anybody would:
 *
 *     npm run leeway -- profile january.csv --model late-flights …
 *
 * Run it after training the model again: node --conditions=@leeway/source examples/flights/make-reference.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeTrainingData } from './demo/training-data.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const FROM_MS = Date.parse('2001-01-01T00:00:00Z');
const TO_MS = Date.parse('2001-02-01T00:00:00Z');

/** Writes the profile to `output` and returns what the command said. */
export async function makeReference(output: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-flights-'));
  try {
    const table = join(folder, 'january.csv');
    await writeTrainingData(table, FROM_MS, TO_MS);
    const names = ['--model', 'late-flights', '--model-version', '1', '--metadata', here('./features.yaml')];
    const roles = ['--prediction', 'label', '--prediction', 'late=late', '--label', 'arrived'];
    const time = ['--time', 'date', '--window', '1d'];
    const command = [
      '--conditions=@leeway/source',
      here('../../packages/cli/src/main.ts'),
      'profile',
      table,
      ...names,
      ...roles,
      ...time,
      '-o',
      output,
    ];
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stderr.write(await makeReference(here('./reference.json')));
