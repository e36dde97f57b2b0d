/**
 * `npm run test:demo`: the README's first command as a newcomer runs it, and what it must show: drift within 60 s of its
 * start, no critical data drift and at most two warnings before the break, books that balance, nothing left behind on
 * Ctrl-C. Also: the committed reference is what `leeway profile` makes of the training weeks.
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

interface WindowEvent {
  readonly event: 'window';
  readonly windowRowCount: number;
  readonly received: number;
  readonly processed: Readonly<Record<string, number>>;
  readonly drift: readonly { readonly name: string; readonly status: number }[];
}

let passed = 0;
let failed = 0;

function check(name: string, isTrue: boolean, detail: unknown = ''): void {
  console.log(`${isTrue ? 'ok  ' : 'FAIL'} ${name}${isTrue ? '' : ` ${JSON.stringify(detail)}`}`);
  if (isTrue) passed++;
  else failed++;
}

await checkReplay();
await checkInterrupt();
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
        ({ name, status }: { name: string; status: number }) => name === 'distance' && status === 6,
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
  const full = windows.filter(({ drift }) => drift.some(({ status }) => status >= 4));
  check(
    `every judged window has ${ROWS_MIN} rows`,
    full.length > 5 && full.every(({ windowRowCount }) => windowRowCount >= ROWS_MIN),
    full.map((w) => w.windowRowCount),
  );
  const unmonitored = windows.every(({ drift }) => drift.find(({ name }) => name === 'day_of_week')?.status !== 6);
  check('the calendar feature raises nothing', unmonitored);
  const last = windows.at(-1);
  const processed = Object.values(last?.processed ?? {}).reduce((sum, n) => sum + n, 0);
  check('the books balance', last !== undefined && last.received === processed && last.received > 0, last);
}

/** Processes of the demo that are alive, by their command line. */
function survivors(): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('flights/service/main.ts') || line.includes('leeway-demo-'));
}

async function checkInterrupt(): Promise<void> {
  const before = new Set(readdirSync(tmpdir()).filter((name) => name.startsWith('leeway-demo-')));
  const child = spawn(
    process.execPath,
    ['--conditions=@leeway/source', 'examples/flights/demo/main.ts', '--port', '0'],
    { cwd: ROOT, stdio: 'ignore' },
  );
  const exit = once(child, 'exit');
  await sleep(6_000);
  child.kill('SIGINT');
  await exit;
  await sleep(500);
  check('Ctrl-C leaves no process behind', survivors().length === 0, survivors());
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith('leeway-demo-') && !before.has(name));
  check('Ctrl-C leaves no file behind', left.length === 0, left);
}

async function checkReference(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-reference-'));
  try {
    const output = join(folder, 'reference.json');
    await makeReference(output);
    const columns = (path: string) => {
      const { features, outputs } = JSON.parse(readFileSync(path, 'utf8'));
      return { features, outputs: outputs.map(({ name }: { name: string }) => name) };
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
