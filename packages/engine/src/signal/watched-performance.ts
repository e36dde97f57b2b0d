/** Performance of one watched model: its monitor where the reference has labels, nothing where it has none. */
import type { PerformancePane } from '../performance/performance-pane.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import type { ModelKey } from '../reference/reference-match.ts';
import type { WindowSettings } from './monitor-settings.ts';
import type { PerformanceEvaluation } from './performance-evaluation.ts';
import { PerformanceMonitor } from './performance-monitor.ts';
import { compilePerformancePolicy, type PerformancePolicy } from './performance-policy.ts';
import type { Policy } from './policy.ts';

/** What was closed of one model's performance, from whoever joins predictions and labels. */
export interface PerformanceReport extends ModelKey {
  readonly referenceId: string;
  readonly panes: readonly PerformancePane[];
}

/** Both policies of a model from one: budget and hysteresis are shared. */
export function performancePolicyOf(policy: Policy): PerformancePolicy {
  const { falseAlarms, falseAlarmPeriodMs, leaveRatio, leaveCount } = policy;
  return {
    ...(falseAlarms === undefined ? {} : { falseAlarms }),
    ...(falseAlarmPeriodMs === undefined ? {} : { falseAlarmPeriodMs }),
    ...(leaveRatio === undefined ? {} : { leaveRatio }),
    ...(leaveCount === undefined ? {} : { leaveCount }),
    ...policy.performance,
  };
}

/** @throws RangeError when the policy does not fit the reference */
export function requirePerformancePolicy(reference: ReferenceProfile, policy: Policy, window: WindowSettings): void {
  compilePerformancePolicy(reference, performancePolicyOf(policy), window);
}

export class WatchedPerformance {
  readonly #monitor: PerformanceMonitor | undefined;

  constructor(reference: ReferenceProfile, policy: Policy, window: WindowSettings, sinceMs: number) {
    const { paneMs, paneCount, mode } = window;
    const since = mode === 'wall' ? { sinceMs } : {};
    this.#monitor = PerformanceMonitor.of(reference, performancePolicyOf(policy), { paneMs, paneCount, ...since });
  }

  get monitor(): PerformanceMonitor | undefined {
    return this.#monitor;
  }

  /** Undefined where the reference has no labels. */
  get evaluation(): PerformanceEvaluation | undefined {
    return this.#monitor?.evaluation;
  }

  /** When the last of the rows came; undefined when none of them could be taken. */
  take(panes: readonly PerformancePane[]): number | undefined {
    if (this.#monitor === undefined || panes.length === 0) return undefined;
    this.#monitor.take(panes);
    return Math.max(...panes.map(({ endMs }) => endMs));
  }

  applyPolicy(policy: Policy): void {
    this.#monitor?.applyPolicy(performancePolicyOf(policy));
  }

  /** Empty where there is nothing. */
  snapshot(): Uint8Array {
    return this.#monitor?.snapshot() ?? new Uint8Array(0);
  }

  /** Of another policy nothing is taken over: performance begins anew, and nothing else has to. */
  restore(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#monitor?.restore(bytes);
  }
}
