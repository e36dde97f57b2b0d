/** The configuration as the program reads it: milliseconds, policies, defaults resolved. */
import type { Policy, ReferenceProfile } from '@leeway/engine';
import { parseDuration } from './duration.ts';
import { type Config, configSchema } from './schema.ts';

export interface WindowSettings {
  readonly windowMs: number;
  readonly paneMs: number;
  readonly paneCount: number;
  readonly latenessMs: number;
  readonly skewMs: number;
  readonly mode: 'wall' | 'event';
}

export function windowSettings({ window }: Config): WindowSettings {
  const windowMs = milliseconds(window.length);
  const paneMs = window.pane === undefined ? windowMs / 12 : milliseconds(window.pane);
  return {
    windowMs,
    paneMs,
    paneCount: Math.round(windowMs / paneMs),
    latenessMs: milliseconds(window.lateness),
    skewMs: milliseconds(window.skew),
    mode: window.clock,
  };
}

/** The policy for a model; overrides apply to the columns that its reference has. */
function policyOf({ alarms, metrics }: Config, columnNames: ReadonlySet<string>): Policy {
  const columns = Object.entries(alarms.columns)
    .filter(([name]) => columnNames.has(name))
    .map(([name, own]) => {
      const warning = own.warning ?? alarms.warning_margin;
      const critical = Math.max(warning, own.critical ?? alarms.critical_margin);
      const hasMargin = own.warning !== undefined || own.critical !== undefined;
      return {
        name,
        ...(own.monitor === undefined ? {} : { monitor: own.monitor }),
        ...(own.min_rows === undefined ? {} : { rowsMin: own.min_rows }),
        ...(own.metric === undefined ? {} : { alarmMetric: own.metric }),
        ...(hasMargin ? { margins: { [own.metric ?? 'psi']: { warning, critical } } } : {}),
      };
    });
  return {
    rowsMin: alarms.min_rows,
    metrics,
    margins: { psi: { warning: alarms.warning_margin, critical: alarms.critical_margin } },
    falseAlarms: alarms.false_alarms,
    falseAlarmPeriodMs: milliseconds(alarms.period),
    band: alarms.block_band,
    columns,
  };
}

/** The policy of a sidecar without a configuration. */
export function defaultPolicy(reference: ReferenceProfile): Policy {
  return policyFor(configSchema.parse({}), reference);
}

export function policyFor(config: Config, { features, outputs }: ReferenceProfile): Policy {
  return policyOf(config, new Set([...features, ...outputs].map(({ name }) => name)));
}

export function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`${JSON.stringify(text)} is no duration: write 30s, 5m, 1h or 30d`);
  return ms;
}

/** Whether a signal is exported: when asked for, or when the environment names an endpoint for it. */
export function exportsOtlp(
  { export: { otlp } }: Config,
  env: Readonly<Record<string, string | undefined>>,
  signal: 'METRICS' | 'TRACES',
): boolean {
  if (otlp === 'off' || env.OTEL_SDK_DISABLED === 'true' || env[`OTEL_${signal}_EXPORTER`] === 'none') return false;
  const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint ? true : otlp === 'on' && signal === 'METRICS';
}
