/** Alarms as OTLP log records with the event name `ml.monitor.alarm`. The standard `OTEL_EXPORTER_OTLP_LOGS_*` settings apply. */
import { createExportAgent, type Environment, FailureCounts, otlpEndpoint, otlpProtocol } from '@leeway/exporter';
import { EVENT_ML_MONITOR_ALARM } from '@leeway/semconv';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { type AlarmMessage, alarmAttributes, isOver } from './alarm-message.ts';

export interface AlarmEvents {
  emit(message: AlarmMessage): void;
  /** Exports that failed, by class of error. */
  readonly failures: ReadonlyMap<string, number>;
  /** Sends what is left, for at most `boundMs`. */
  shutdown(boundMs: number): Promise<void>;
}

export const NO_ALARM_EVENTS: AlarmEvents = {
  emit: () => undefined,
  failures: new Map(),
  shutdown: async () => undefined,
};

const DEFAULT_URL = 'http://localhost:4318/v1/logs';
/** Of OpenTelemetry's log data model. */
const SEVERITY = { info: 9, warning: 13, critical: 17 } as const;

/** @throws RangeError for a protocol that is not supported */
export function startAlarmEvents(resource: Resource, env: Environment): AlarmEvents {
  const protocol = otlpProtocol(env, 'LOGS');
  const url = otlpEndpoint(env, 'LOGS') ?? DEFAULT_URL;
  const agent = createExportAgent(env, 'LOGS', url);
  const settings = { httpAgentOptions: agent.factory, url };
  const failures = new FailureCounts();
  const inner = protocol === 'http/json' ? new JsonLogExporter(settings) : new ProtobufLogExporter(settings);
  const processors = [new BatchLogRecordProcessor({ exporter: countFailures(inner, failures) })];
  const provider = new LoggerProvider({ resource, processors });
  const logger = provider.getLogger('@leeway/sidecar');
  return {
    failures: failures.byKind,
    emit: (message) => {
      const severity = isOver(message) ? 'info' : message.level;
      logger.emit({
        eventName: EVENT_ML_MONITOR_ALARM,
        timestamp: Date.parse(message.at),
        severityNumber: SEVERITY[severity],
        severityText: severity,
        body: message.summary,
        attributes: alarmAttributes(message),
      });
    },
    shutdown: async (boundMs) => {
      let timer: NodeJS.Timeout | undefined;
      const bound = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, boundMs);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), bound]);
      clearTimeout(timer);
      agent.cut();
    },
  };
}

function countFailures(inner: LogRecordExporter, failures: FailureCounts): LogRecordExporter {
  return {
    export: (records, done) =>
      inner.export(records, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) failures.add(result.error ?? new Error('export failed'));
        done(result);
      }),
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
  };
}
