/** Reads settings that come from code or JSON: what is absent has its default, what is wrong is said with its place. */
import {
  array,
  boolean,
  number,
  object,
  oneOf,
  optional,
  type Problem,
  Problems,
  record,
  refine,
  type Shape,
  text,
} from '../reference/shape.ts';
import { parseDuration } from './duration.ts';
import { DRIFT_METRICS } from './evaluation.ts';
import { MONITOR_DEFAULTS, type MonitorSettings, windowProblem } from './monitor-settings.ts';

/** Settings of a host that runs in the process of a service. */
export interface HostSettings extends MonitorSettings {
  readonly limits: {
    readonly environments: number;
    readonly models: number;
    /** Of one model. */
    readonly versions: number;
    readonly dedup_ids: number;
  };
  /** Versions without traffic for so long are forgotten. */
  readonly retire_after: string;
}

export const HOST_DEFAULTS: HostSettings = {
  ...MONITOR_DEFAULTS,
  limits: { environments: 20, models: 500, versions: 50, dedup_ids: 4_000_000 },
  retire_after: '24h',
};

const DURATION_LENGTH_MAX = 32;
const COLUMN_NAME_LENGTH_MAX = 1024;
const COLUMNS_MAX = 10_000;
const METRICS_MAX = 3;

const duration: Shape<string> = refine(text({ maxLength: DURATION_LENGTH_MAX }), (value, path, problems) => {
  if (parseDuration(value) === undefined)
    problems.add(path, `is ${JSON.stringify(value)}: must be a duration such as 30s, 5m, 1h or 30d`);
});
const count = number({ whole: true, min: 1 });
const share = number({ min: 0 });
const positive: Shape<number> = refine(number(), (value, path, problems) => {
  if (value <= 0) problems.add(path, `is ${value}: expected a number above 0`);
});

const shape = object({
  window: optional(
    object({
      length: optional(duration),
      pane: optional(duration),
      lateness: optional(duration),
      skew: optional(duration),
      clock: optional(oneOf(['wall', 'event'])),
    }),
  ),
  alarms: optional(
    object({
      false_alarms: optional(positive),
      period: optional(duration),
      min_rows: optional(count),
      warning_margin: optional(share),
      critical_margin: optional(share),
      block_band: optional(oneOf(['block', 'always', 'none'])),
      columns: optional(
        record(
          object({
            warning: optional(share),
            critical: optional(share),
            monitor: optional(boolean()),
            metric: optional(oneOf(DRIFT_METRICS)),
            min_rows: optional(count),
          }),
          { keyLengthMax: COLUMN_NAME_LENGTH_MAX, entriesMax: COLUMNS_MAX },
        ),
      ),
    }),
  ),
  metrics: optional(array(oneOf(DRIFT_METRICS), { minItems: 1, maxItems: METRICS_MAX })),
  limits: optional(
    object({
      environments: optional(count),
      models: optional(count),
      versions: optional(count),
      dedup_ids: optional(count),
    }),
  ),
  retire_after: optional(duration),
});

export type ReadSettings =
  | { readonly ok: true; readonly settings: HostSettings }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Never throws; a problem names its place as a JSON Pointer, and the fix. */
export function readHostSettings(value: unknown): ReadSettings {
  const problems = new Problems();
  const given = shape.read(value, '', problems);
  if (given === undefined || problems.list.length > 0) return { ok: false, problems: problems.list };
  const settings: HostSettings = {
    window: { ...HOST_DEFAULTS.window, ...given.window },
    alarms: { ...HOST_DEFAULTS.alarms, ...given.alarms },
    metrics: given.metrics ?? HOST_DEFAULTS.metrics,
    limits: { ...HOST_DEFAULTS.limits, ...given.limits },
    retire_after: given.retire_after ?? HOST_DEFAULTS.retire_after,
  };
  const message = windowProblem(settings);
  return message === undefined ? { ok: true, settings } : { ok: false, problems: [{ path: '/window/pane', message }] };
}
