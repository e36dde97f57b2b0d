/** One run of a step: run it, learn what it says of itself, add it to the sums, tell it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineRun } from '@leeway/instrumentation';
import { CliError } from '../cli-error.ts';
import type { Environment } from '../log-export.ts';
import { printable } from '../printable.ts';
import { VERSION } from '../version.ts';
import { type ChildEnd, runChild } from './run-child.ts';
import { addToLedger, defaultLedgerFolder } from './run-ledger.ts';
import { RESULT_VARIABLE, readRunResult } from './run-result.ts';
import { tellRun } from './tell-run.ts';

export interface PipelineFacts {
  readonly pipeline: string;
  readonly step?: string | undefined;
  readonly scheduled?: Date | undefined;
  readonly next?: Date | undefined;
  readonly rows?: number | undefined;
  readonly dataVersion?: string | undefined;
  readonly cost?: number | undefined;
  readonly budget?: number | undefined;
  readonly model?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  readonly state?: string | undefined;
}

/** What a shell says of a command that is not there. */
const NOT_STARTED = 127;

/** @returns the exit code of the command */
export async function runPipeline(command: readonly string[], facts: PipelineFacts, env: Environment): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-pipeline-'));
  const resultFile = join(folder, 'result.json');
  try {
    const startedAt = new Date();
    const end = await startedOrNot(command, {
      ...env,
      [RESULT_VARIABLE]: resultFile,
      LEEWAY_PIPELINE: facts.pipeline,
      ...(facts.step === undefined ? {} : { LEEWAY_PIPELINE_STEP: facts.step }),
    });
    const { result, problem } = readRunResult(resultFile);
    if (problem !== undefined) say(`${RESULT_VARIABLE}: ${problem}`);
    const { errorType } = end;
    const run = definedOf({ ...runOf(facts), ...result, startedAt, endedAt: new Date(), errorType });
    for (const problem of await told({ ...run, metrics: { ...facts.metrics, ...result.metrics } }, facts.state, env))
      say(problem);
    return end.exitCode;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startedOrNot(command: readonly string[], env: Environment): Promise<ChildEnd> {
  try {
    return await runChild(command, { ...env });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    say(error.message);
    return { exitCode: NOT_STARTED, errorType: 'not_started' };
  }
}

async function told(run: PipelineRun, state: string | undefined, env: Environment): Promise<readonly string[]> {
  if (['LEEWAY_DISABLED', 'OTEL_SDK_DISABLED'].some((name) => env[name]?.trim().toLowerCase() === 'true')) return [];
  const seconds = (from: Date, to: Date) => Math.max(0, to.getTime() - from.getTime()) / 1000;
  const ledgerRun = definedOf({
    durationSeconds: seconds(run.startedAt, run.endedAt),
    delaySeconds: run.scheduledAt === undefined ? undefined : seconds(run.scheduledAt, run.startedAt),
    cost: run.cost,
    errorType: run.errorType,
  });
  try {
    const folder = state ?? defaultLedgerFolder(env);
    const ledger = await addToLedger(folder, run, ledgerRun, run.startedAt.getTime());
    return await tellRun(run, ledger, VERSION, env);
  } catch (error) {
    return [`the run was not counted: ${(error as Error).message}: name another folder with --state`];
  }
}

function runOf(facts: PipelineFacts) {
  const { pipeline, step, scheduled, next, rows, dataVersion, cost, budget, model, modelVersion } = facts;
  return {
    pipeline,
    step,
    scheduledAt: scheduled,
    nextRunAt: next,
    rows,
    dataVersion,
    cost,
    budget,
    model: model === undefined ? undefined : definedOf({ name: model, version: modelVersion }),
  };
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the members that are undefined. */
function definedOf<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}

function say(text: string): void {
  process.stderr.write(`leeway: ${printable(text)}\n`);
}
