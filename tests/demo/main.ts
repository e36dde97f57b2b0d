/**
 * `npm run test:demo`: the README's first command as a newcomer runs it, and what it must show: drift within 60 s of its
 * start, no critical data drift and at most two warnings before the break, books that balance, nothing left behind
 * however it ends. Also: the committed reference is what `leeway profile` makes of the training weeks.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeReference } from '../../examples/flights/make-reference.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const DRIFT_WITHIN_SECONDS = 60;
const ROWS_MIN = 2_000;
const JUDGED = new Set(['ok', 'warning', 'critical']);

interface Ending {
  readonly how: string;
  readonly afterSeconds: number;
  /** How long the demo may take to be gone. */
  readonly withinSeconds: number;
  end(pid: number): void;
}

const ENDINGS: readonly Ending[] = [
  // A terminal sends Ctrl-C to the whole process group.
  ...[1, 2, 3, 8].map((afterSeconds) => ({
    how: `Ctrl-C after ${afterSeconds} s`,
    afterSeconds,
    withinSeconds: 10,
    end: (pid: number) => process.kill(-pid, 'SIGINT'),
  })),
  { how: 'a closed terminal', afterSeconds: 8, withinSeconds: 10, end: (pid) => process.kill(-pid, 'SIGHUP') },
  { how: 'kill -9', afterSeconds: 8, withinSeconds: 15, end: (pid) => process.kill(pid, 'SIGKILL') },
];

interface PerformanceLine {
  readonly metric: string;
  readonly status: string;
  readonly measured?: number;
  readonly estimated?: number;
  readonly reference?: number;
}

interface WindowEvent {
  readonly event: 'window';
  readonly windowRowCount: number;
  readonly received: number;
  readonly processed: Readonly<Record<string, number>>;
  readonly performance: readonly PerformanceLine[];
  readonly labelCount: number;
  readonly coverage?: number;
  readonly drift: readonly {
    readonly name: string;
    readonly status: string | null;
    readonly monitored: boolean;
    readonly score?: number;
  }[];
}

let passed = 0;
let failed = 0;

function check(name: string, isTrue: boolean, detail: unknown = ''): void {
  console.log(`${isTrue ? 'ok  ' : 'FAIL'} ${name}${isTrue ? '' : ` ${JSON.stringify(detail)}`}`);
  if (isTrue) passed++;
  else failed++;
}

await checkReplay();
await checkEndings();
await checkDeadSidecar();
await checkReference();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function checkReplay(): Promise<void> {
  const started = performance.now();
  let driftSeconds = Number.POSITIVE_INFINITY;
  const child = spawn('npm', ['run', '--silent', 'demo', '--', '--json', '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line);
      events.push(event);
      const isDrift = event.drift?.some(
        ({ name, status }: { name: string; status: string | null }) => name === 'distance' && status === 'critical',
      );
      if (isDrift) driftSeconds = Math.min(driftSeconds, (performance.now() - started) / 1000);
    }
  });
  const [code] = await once(child, 'exit');
  const windows = events.filter((event) => event.event === 'window') as unknown as WindowEvent[];
  const summary = events.find((event) => event.event === 'summary') as Record<string, never> | undefined;
  check('the demo ends well', code === 0, code);
  check(
    `critical drift of distance within ${DRIFT_WITHIN_SECONDS} s of the start (${driftSeconds.toFixed(1)} s)`,
    driftSeconds <= DRIFT_WITHIN_SECONDS,
  );
  const before = summary?.before as { warnings: number; criticals: number } | undefined;
  check(
    'before the break no critical data drift and at most two warnings',
    before !== undefined && before.criticals === 0 && before.warnings <= 2,
    before,
  );
  check(
    'missing values are seen',
    typeof summary?.missingSeenAfterSeconds === 'number',
    summary?.missingSeenAfterSeconds,
  );
  const full = windows.filter(({ drift }) => drift.some(({ status }) => JUDGED.has(status ?? '')));
  check(
    `every judged window has ${ROWS_MIN} rows`,
    full.length > 5 && full.every(({ windowRowCount }) => windowRowCount >= ROWS_MIN),
    full.map((w) => w.windowRowCount),
  );
  const unmonitored = windows.every(({ drift }) =>
    drift.every(({ name, monitored, score }) => name !== 'day_of_week' || score === undefined || !monitored),
  );
  check('the calendar feature raises nothing', unmonitored);
  checkPerformance(windows);
  const last = windows.at(-1);
  const processed = Object.values(last?.processed ?? {}).reduce((sum, n) => sum + n, 0);
  check('the books balance', last !== undefined && last.received === processed && last.received > 0, last);
}

/** Labels came late, nearly all of them, and say what the model is worth beside what was expected without them. */
function checkPerformance(windows: readonly WindowEvent[]): void {
  const [first] = windows;
  check('no label is there at first', first?.labelCount === 0 && first.coverage === undefined, first);
  const last = windows.at(-1);
  check('thousands of labels met their prediction', (last?.labelCount ?? 0) > 10_000, last?.labelCount);
  check('of those that are due nearly all came', (last?.coverage ?? 0) > 0.9, last?.coverage);
  // Windows with few labels yet are shown and not judged.
  const lines = windows.flatMap(({ performance }) => performance).filter(({ status }) => JUDGED.has(status));
  for (const metric of ['accuracy', 'auroc']) {
    const both = lines.filter((line) => line.metric === metric && line.measured !== undefined);
    const isProbable = (value: number | undefined) => value !== undefined && value > 0.4 && value < 1;
    const all = both.every(({ measured, estimated, reference }) => [measured, estimated, reference].every(isProbable));
    check(`${metric}: measured beside expected and training in ${both.length} windows`, both.length > 5 && all, both);
  }
  // The late share moves from day to day while the inputs do not: what is measured moves more than what is expected.
  const spreadOf = (key: 'measured' | 'estimated') => {
    const values = lines.flatMap((line) => (line.metric === 'accuracy' ? [line[key] ?? Number.NaN] : []));
    const known = values.filter(Number.isFinite);
    return Math.max(...known) - Math.min(...known);
  };
  const [measured, expected] = [spreadOf('measured'), spreadOf('estimated')];
  check(`accuracy moves by ${measured.toFixed(3)}, what is expected by ${expected.toFixed(3)}`, measured > expected);
}

/** Processes of the demo that are alive, by their command line. */
function survivors(): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('flights/service/main.ts') || line.includes('leeway-demo-'));
}

async function checkEndings(): Promise<void> {
  for (const { how, afterSeconds, withinSeconds, end } of ENDINGS) {
    const before = new Set(demoFolders());
    const child = spawn(
      process.execPath,
      ['--conditions=@leeway/source', 'examples/flights/demo/main.ts', '--port', '0'],
      { cwd: ROOT, stdio: 'ignore', detached: true },
    );
    const exit = once(child, 'exit');
    await sleep(1_000 * afterSeconds);
    end(child.pid ?? 0);
    const deadline = Date.now() + 1_000 * withinSeconds;
    await exit;
    while (survivors().length > 0 && Date.now() < deadline) await sleep(100);
    check(`${how} leaves no process behind`, survivors().length === 0 && Date.now() < deadline, survivors());
    const left = demoFolders().filter((name) => !before.has(name));
    // Nothing can tidy up after its own SIGKILL.
    if (how !== 'kill -9') check(`${how} leaves no file behind`, left.length === 0, left);
    for (const name of left) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** A demo whose sidecar dies says so and fails. */
async function checkDeadSidecar(): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--conditions=@leeway/source', 'examples/flights/demo/main.ts', '--port', '0'],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exit = once(child, 'exit');
  await sleep(8_000);
  for (const line of survivors()) if (line.includes('leeway-demo-')) process.kill(Number.parseInt(line, 10), 'SIGKILL');
  const [code] = await exit;
  check('a demo whose sidecar is killed says so and fails', code === 1 && said.includes('the sidecar was ended by'), {
    code,
    said,
  });
}

function demoFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('leeway-demo-'));
}

async function checkReference(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-reference-'));
  try {
    const output = join(folder, 'reference.json');
    await makeReference(output);
    const columns = (path: string) => {
      const { features, outputs, performance } = JSON.parse(readFileSync(path, 'utf8'));
      const { classes } = performance.classification;
      return { features, outputs: outputs.map(({ name }: { name: string }) => name), classes };
    };
    const made = columns(output);
    const committed = columns(join(ROOT, 'examples', 'flights', 'reference.json'));
    check(
      'the committed reference is what leeway profile makes of January',
      JSON.stringify(made) === JSON.stringify(committed),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
