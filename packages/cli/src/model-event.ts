/**
 * One event of a model's life, sent by itself: no application, no SDK that outlives it, and an answer before the end.
 * The standard `OTEL_EXPORTER_OTLP_*` and `OTEL_RESOURCE_ATTRIBUTES` settings say where to and as whom.
 */
import {
  type ModelTransition,
  type ModelTransitionDetails,
  recordModelTransition,
  setLoggerProvider,
} from '@leeway/instrumentation';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { type Environment, openLogExport, ownResource, requireOn } from './log-export.ts';

export interface ModelEvent {
  readonly name: string;
  readonly time: string;
  readonly attributes: object;
  readonly resource: object;
  readonly record: ReadableLogRecord;
}

/** @throws CliError when Leeway is switched off: the pipeline believes that it said something */
export function modelEvent(transition: ModelTransition, details: ModelTransitionDetails, env: Environment): ModelEvent {
  requireOn(env);
  const records: ReadableLogRecord[] = [];
  const collect = {
    onEmit: (record: ReadableLogRecord) => void records.push(record),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  setLoggerProvider(new LoggerProvider({ resource: ownResource(), processors: [collect] }));
  recordModelTransition(transition, details);
  setLoggerProvider(undefined);
  const [record] = records;
  if (record === undefined) throw new Error(`no event was made of ${transition}`);
  const [seconds, nanos] = record.hrTime;
  return {
    name: record.eventName ?? '',
    time: new Date(seconds * 1000 + nanos / 1e6).toISOString(),
    attributes: record.attributes,
    resource: record.resource.attributes,
    record,
  };
}

/**
 * @returns where it was accepted
 * @throws CliError when the settings are wrong, or the endpoint cannot be reached, refuses it or takes only a part
 */
export async function sendModelEvent({ record }: ModelEvent, env: Environment): Promise<string> {
  const { send, shownUrl, end } = openLogExport(env);
  try {
    await send([record]);
  } finally {
    await end();
  }
  return shownUrl;
}
