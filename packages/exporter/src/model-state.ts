/** What the exporter reads of the models that are watched. The sidecar and in-process hosts provide it. */
import type { Evaluation, PaneLayout, ReferenceProfile } from '@leeway/engine';
import type { PerformanceState } from './performance-series.ts';

export interface ModelIdentity {
  readonly environment: string;
  readonly model: string;
  readonly version: string;
}

/** A model with a reference. */
export interface MonitoredModel extends ModelIdentity {
  readonly reference: ReferenceProfile;
  readonly layout: PaneLayout;
  /** Merge of all panes that were closed since the reference was loaded: what the counters say. */
  readonly totals: Float64Array;
  /** The latest, if there was one. */
  readonly evaluation?: Evaluation;
  /** Time between evaluations: the length of a pane. */
  readonly intervalMs: number;
  /** Absent where nobody joins predictions and labels. */
  readonly performance?: PerformanceState;
  /** Its reference no longer applies, or it is silent: its counters are exported for the last times, and no verdict. */
  readonly isEnded?: boolean;
}

/** A model that sends observations and has no reference: visible, and never green. */
export interface UnreferencedModel extends ModelIdentity {
  readonly evaluation: Evaluation;
  readonly intervalMs: number;
}

export interface ModelState {
  monitored(): Iterable<MonitoredModel>;
  unreferenced(): Iterable<UnreferencedModel>;
}
