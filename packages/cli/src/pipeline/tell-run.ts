/** Tells a run that has ended: its event over OTLP logs, and the sums of all runs of its step over OTLP metrics. */
import { startOtlpExport } from '@leeway/exporter';
import { type PipelineRun, recordPipelineRun, setLoggerProvider } from '@leeway/instrumentation';
import { ATTR_SERVICE_INSTANCE_ID } from '@leeway/semconv';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { type Environment, openLogExport, ownResource } from '../log-export.ts';
import { LedgerMetrics } from './ledger-metrics.ts';
import type { Ledger } from './run-ledger.ts';

/** How long a pipeline waits for its telemetry, at most. */
const BOUND_MS = 15_000;

/** What was not told, one sentence each; nothing when all was. Never throws. */
export async function tellRun(run: PipelineRun, ledger: Ledger, version: string, env: Environment): Promise<string[]> {
  const told = await Promise.allSettled([tellEvent(run, env), tellSums(run, ledger, version, env)]);
  return told.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []));
}

async function tellEvent(run: PipelineRun, env: Environment): Promise<void> {
  const { send, end } = openLogExport(env);
  try {
    await send([eventOf(run)]);
  } finally {
    await end();
  }
}

function eventOf(run: PipelineRun): ReadableLogRecord {
  const records: ReadableLogRecord[] = [];
  const collect = {
    onEmit: (record: ReadableLogRecord) => void records.push(record),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  setLoggerProvider(new LoggerProvider({ resource: ownResource(), processors: [collect] }));
  recordPipelineRun(run);
  setLoggerProvider(undefined);
  const [record] = records;
  if (record === undefined) throw new Error('no event was made of the run');
  return record;
}

async function tellSums(run: PipelineRun, ledger: Ledger, version: string, env: Environment): Promise<void> {
  const plan = {
    ...(run.nextRunAt === undefined ? {} : { nextRunAt: run.nextRunAt }),
    ...(run.budget === undefined ? {} : { budget: run.budget }),
  };
  const sums = startOtlpExport({
    sources: [new LedgerMetrics(ledger, plan)],
    resource: ownResource().merge(resourceFromAttributes({ [ATTR_SERVICE_INSTANCE_ID]: ledger.instanceId })),
    env,
    now: Date.now,
    version,
  });
  const error = await sums.shutdown(BOUND_MS);
  if (error !== undefined) throw new Error(`${sums.url}: the sums of ${run.pipeline} were not taken: ${error.message}`);
}
