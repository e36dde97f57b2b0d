/**
 * The sums of all runs of one step, on disk: a process that lives for one run cannot count to two. So the counters that are
 * exported go on from run to run, under one service.instance.id, and `increase()` sees each run.
 *
 * Invariants
 * 1. The file is replaced whole: a process that dies leaves the one before.
 * 2. Two runs that end at once both count: a lock is held from reading to writing.
 * 3. A file that cannot be read is set aside, said, and begun anew: the run itself goes on.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PIPELINE_SECONDS } from '@leeway/instrumentation';
import { z } from 'zod';

const histogram = z.strictObject({
  counts: z.array(z.number().min(0)).length(PIPELINE_SECONDS.length + 1),
  sum: z.number().min(0),
});

const ledgerShape = z.strictObject({
  version: z.literal(1),
  pipeline: z.string(),
  step: z.string().optional(),
  instanceId: z.string(),
  /** Unix milliseconds: since when the sums are. */
  startMs: z.number(),
  /** By error.type, '' for none. */
  ends: z.record(z.string(), z.strictObject({ runs: z.number().min(0), duration: histogram })),
  delay: histogram,
  cost: z.number().min(0),
});
export type Ledger = z.output<typeof ledgerShape>;

export interface LedgerRun {
  readonly durationSeconds: number;
  readonly delaySeconds?: number;
  readonly cost?: number;
  readonly errorType?: string;
}

const LOCK_WAIT_MS = 5_000;
const LOCK_STALE_MS = 30_000;
const LOCK_POLL_MS = 25;
/** Classes of errors that have sums of their own. */
const ENDS_MAX = 20;

export function defaultLedgerFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'leeway', 'pipelines');
}

/**
 * Adds a run and returns the sums with it.
 *
 * @throws Error when the folder cannot be written, or another process holds the lock for long
 */
export async function addToLedger(
  folder: string,
  of: { readonly pipeline: string; readonly step?: string | undefined },
  run: LedgerRun,
  nowMs: number,
): Promise<Ledger> {
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256')
    .update(JSON.stringify([of.pipeline, of.step ?? null]))
    .digest('hex')
    .slice(0, 16);
  const path = join(folder, `${name}.json`);
  const lock = `${path}.lock`;
  await takeLock(lock);
  try {
    const ledger = added(readLedger(path) ?? newLedger(of, nowMs), run);
    const aside = `${path}.${process.pid}`;
    writeFileSync(aside, JSON.stringify(ledger));
    renameSync(aside, path);
    return ledger;
  } finally {
    rmSync(lock, { force: true });
  }
}

async function takeLock(lock: string): Promise<void> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      closeSync(openSync(lock, 'wx'));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isStale(lock)) rmSync(lock, { force: true });
    else if (performance.now() > deadline) throw new Error(`${lock} is held: remove it if no other run is under way`);
    await sleep(LOCK_POLL_MS);
  }
}

function isStale(lock: string): boolean {
  try {
    return Date.now() - statSync(lock).mtimeMs > LOCK_STALE_MS;
  } catch {
    return false;
  }
}

function readLedger(path: string): Ledger | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const read = ledgerShape.safeParse(JSON.parse(text));
    if (read.success) return read.data;
  } catch {
    // Set aside below.
  }
  const aside = `${path}.unreadable`;
  renameSync(path, aside);
  process.stderr.write(`leeway: ${path} cannot be read: kept as ${aside}; the sums begin anew\n`);
  return undefined;
}

const emptyHistogram = () => ({ counts: new Array<number>(PIPELINE_SECONDS.length + 1).fill(0), sum: 0 });

function newLedger({ pipeline, step }: { pipeline: string; step?: string | undefined }, nowMs: number): Ledger {
  return {
    version: 1,
    pipeline,
    ...(step === undefined ? {} : { step }),
    instanceId: randomUUID(),
    startMs: nowMs,
    ends: {},
    delay: emptyHistogram(),
    cost: 0,
  };
}

function added(ledger: Ledger, { durationSeconds, delaySeconds, cost = 0, errorType = '' }: LedgerRun): Ledger {
  const isKnown = Object.hasOwn(ledger.ends, errorType) || Object.keys(ledger.ends).length < ENDS_MAX;
  const key = isKnown ? errorType : '_OTHER';
  const before = Object.hasOwn(ledger.ends, key) ? ledger.ends[key] : { runs: 0, duration: emptyHistogram() };
  const end = { runs: before.runs + 1, duration: observed(before.duration, durationSeconds) };
  return {
    ...ledger,
    ends: { ...ledger.ends, [key]: end },
    delay: delaySeconds === undefined ? ledger.delay : observed(ledger.delay, delaySeconds),
    cost: ledger.cost + cost,
  };
}

function observed({ counts, sum }: { counts: number[]; sum: number }, seconds: number) {
  const bin = PIPELINE_SECONDS.findIndex((bound) => seconds <= bound);
  const at = bin < 0 ? PIPELINE_SECONDS.length : bin;
  return { counts: counts.map((count, i) => (i === at ? count + 1 : count)), sum: sum + seconds };
}
