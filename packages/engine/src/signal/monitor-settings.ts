/**
 * The settings of monitoring as people write them, and as the engine reads them: milliseconds and policies. Every host
 * has the same names and the same defaults.
 */
import type { ReferenceProfile } from '../reference/profile.ts';
import { parseDuration } from './duration.ts';
import type { DriftMetric } from './evaluation.ts';
import { type PerformanceSettings, performancePolicyFor } from './performance-settings.ts';
import type { Policy } from './policy.ts';

/** Durations are texts such as 30s, 5m, 1h or 30d. */
export interface MonitorSettings {
  readonly window: {
    /** Of the sliding window. */
    readonly length: string;
    /** A window is evaluated at the end of each pane. Default: a twelfth of the window. */
    readonly pane?: string | undefined;
    /** How long after its end a pane still takes rows. */
    readonly lateness: string;
    /** How far ahead of the clock a row may be. */
    readonly skew: string;
    /** `wall`: live traffic; `event`: a replay drives the time. */
    readonly clock: 'wall' | 'event';
  };
  readonly alarms: {
    /** False alarms that a model may raise per period. */
    readonly false_alarms: number;
    readonly period: string;
    /** Effective rows below which a window is not judged. */
    readonly min_rows: number;
    /** PSI that matters. */
    readonly warning_margin: number;
    /** PSI that is critical. */
    readonly critical_margin: number;
    readonly block_band: 'block' | 'always' | 'none';
    /** Overrides by feature or output. */
    readonly columns: Readonly<Record<string, ColumnSettings>>;
  };
  /** Statistics that are computed and exported, at most three a feature. */
  readonly metrics: readonly DriftMetric[];
  /** Of models whose reference has labels. */
  readonly performance?: PerformanceSettings | undefined;
}

export interface ColumnSettings {
  readonly monitor?: boolean | undefined;
  readonly metric?: DriftMetric | undefined;
  readonly min_rows?: number | undefined;
  readonly warning?: number | undefined;
  readonly critical?: number | undefined;
}

export const MONITOR_DEFAULTS: MonitorSettings = {
  window: { length: '1h', lateness: '2m', skew: '1m', clock: 'wall' },
  alarms: {
    false_alarms: 1,
    period: '30d',
    min_rows: 200,
    warning_margin: 0.1,
    critical_margin: 0.25,
    block_band: 'block',
    columns: {},
  },
  metrics: ['psi', 'jensen_shannon', 'wasserstein'],
};

export interface WindowSettings {
  readonly windowMs: number;
  readonly paneMs: number;
  readonly paneCount: number;
  readonly latenessMs: number;
  readonly skewMs: number;
  readonly mode: 'wall' | 'event';
}

const PANES_MAX = 1000;
const PANE_MS_MIN = 100;
const PANES_PER_WINDOW = 12;

/** What no single setting shows: a window is a whole number of panes. Undefined when it is. */
export function windowProblem({ window }: Pick<MonitorSettings, 'window'>): string | undefined {
  const windowMs = parseDuration(window.length) ?? 0;
  const paneMs = window.pane === undefined ? windowMs / PANES_PER_WINDOW : (parseDuration(window.pane) ?? 0);
  const paneCount = windowMs / paneMs;
  if (paneMs < PANE_MS_MIN) return `window.pane: ${paneMs} ms is too short: use at least 100ms`;
  if (Math.abs(paneCount - Math.round(paneCount)) > 1e-9 || paneCount < 1 || paneCount > PANES_MAX) {
    return `window.pane: the window (${window.length}) must be 1 to ${PANES_MAX} whole panes; ${window.pane ?? 'a twelfth'} gives ${paneCount}`;
  }
  return undefined;
}

/** @throws RangeError for a text that is no duration */
export function windowSettings({ window }: Pick<MonitorSettings, 'window'>): WindowSettings {
  const windowMs = milliseconds(window.length);
  const paneMs = window.pane === undefined ? windowMs / PANES_PER_WINDOW : milliseconds(window.pane);
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
export function policyFor(
  { alarms, metrics, performance = {} }: Pick<MonitorSettings, 'alarms' | 'metrics' | 'performance'>,
  reference: ReferenceProfile,
): Policy {
  const { features, outputs } = reference;
  const columnNames = new Set([...features, ...outputs].map(({ name }) => name));
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
    performance: performancePolicyFor(performance, reference),
  };
}

/** The policy of a host without a configuration. */
export function defaultPolicy(reference: ReferenceProfile): Policy {
  return policyFor(MONITOR_DEFAULTS, reference);
}

/** @throws RangeError for a text that is no duration */
export function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`${JSON.stringify(text)} is no duration: write 30s, 5m, 1h or 30d`);
  return ms;
}
