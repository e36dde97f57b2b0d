/**
 * The models as a host knows them: their windows, their monitors, their counters and their latest evaluation. The one
 * evaluator: what hands over panes only counts.
 *
 * Invariants
 * 1. A model is watched under one reference at a time. When another applies, or the model falls silent, it has ended:
 *    its last panes still come, its last window is judged, and its counters stay for ENDED_KEEP_MS, so that the next
 *    exports show every row that was counted. Should it come back by then, its counters go on.
 * 2. A reference for an exact version is visible before its first row, as "no data", until rows of that version come
 *    from any environment.
 * 3. An evaluation is made for every pane's end, in order, within slices that leave the event loop free.
 */
import type { ReferenceProfile } from '../reference/profile.ts';
import { isExact, type ModelKey, matchReference, type ReferenceEntry } from '../reference/reference-match.ts';
import { compileLayout, type PaneLayout } from '../sketch/layout.ts';
import { createPane, mergePane } from '../sketch/pane.ts';
import { decodePane, encodePane } from '../sketch/pane-codec.ts';
import type { ClosedPane } from '../sketch/pane-set.ts';
import { evaluate, evaluateUnreferenced } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import { Monitor } from './monitor.ts';
import type { WindowSettings } from './monitor-settings.ts';
import { type CompiledPolicy, compilePolicy, type Policy } from './policy.ts';
import { type PerformanceReport, requirePerformancePolicy, WatchedPerformance } from './watched-performance.ts';
import { decodeWatched, encodeWatched } from './watched-state.ts';
import { WindowRing } from './window-ring.ts';

/** What was closed of one model under one reference since the report before. */
export interface SeriesReport extends ModelKey {
  readonly referenceId: string;
  /** When the first of its rows came, by the clock. */
  readonly sinceMs: number;
  /** When the last of its rows came. */
  readonly lastRowsMs: number;
  readonly panes: readonly ClosedPane[];
  readonly closedThroughMs: number;
  /** Another reference applies now, or its model is silent: these are its last panes. */
  readonly isEnded: boolean;
}

/** A model that no reference applies to: what is counted of it. */
export interface CountedModel extends ModelKey {
  readonly rowCount: number;
}

/** One model under one reference. */
export class WatchedModel implements ModelKey {
  readonly environment: string;
  readonly model: string;
  readonly version: string;
  readonly reference: ReferenceProfile;
  readonly layout: PaneLayout;
  readonly totals: Float64Array;
  readonly intervalMs: number;
  /** Before the first window it says that there is none yet: no data, or insufficient data. */
  evaluation: Evaluation;
  readonly ring: WindowRing;
  policy: CompiledPolicy;
  monitor: Monitor;
  readonly performance: WatchedPerformance;
  /** Known from its reference only: no row came yet. */
  readonly isAwaited: boolean;
  readonly sinceMs: number;
  lastRowsMs: number;
  lastPaneEndMs = Number.NEGATIVE_INFINITY;
  /** Counters only: no verdict of a reference that no longer applies. */
  isEnded = false;

  constructor(
    key: ModelKey,
    reference: ReferenceProfile,
    layout: PaneLayout,
    policy: Policy,
    window: WindowSettings,
    since: Since,
  ) {
    this.environment = key.environment;
    this.model = key.model;
    this.version = key.version;
    this.reference = reference;
    this.layout = layout;
    this.totals = createPane(layout);
    this.intervalMs = window.paneMs;
    const sinceMs = window.mode === 'wall' ? { sinceMs: since.ms } : {};
    this.ring = new WindowRing(layout, { paneMs: window.paneMs, paneCount: window.paneCount, ...sinceMs });
    this.policy = compilePolicy(reference, policy, window);
    this.monitor = new Monitor(layout, this.policy);
    this.performance = new WatchedPerformance(reference, policy, window, since.ms);
    const nothing = { startMs: since.ms - window.windowMs, endMs: since.ms, state: this.totals, filled: false };
    this.evaluation = evaluate(layout, this.policy, nothing);
    this.isAwaited = since.isAwaited;
    this.sinceMs = since.ms;
    this.lastRowsMs = since.ms;
  }

  take({ panes, lastRowsMs }: SeriesReport): void {
    for (const pane of panes) {
      mergePane(this.layout, this.totals, pane.state);
      this.ring.add(pane);
      this.lastPaneEndMs = Math.max(this.lastPaneEndMs, pane.endMs);
    }
    this.lastRowsMs = Math.max(this.lastRowsMs, lastRowsMs);
    if (this.isEnded) this.end();
  }

  /** No window is waited for any more: what is there is due. */
  end(): void {
    this.isEnded = true;
    this.ring.advance(this.lastPaneEndMs);
  }

  /** Other thresholds from the next evaluation on; what the monitor remembers stays. */
  applyPolicy(policy: Policy, window: WindowSettings): void {
    this.policy = compilePolicy(this.reference, policy, window);
    const monitor = new Monitor(this.layout, this.policy);
    monitor.restore(this.monitor.snapshot());
    this.monitor = monitor;
    this.performance.applyPolicy(policy);
  }
}

interface Since {
  readonly ms: number;
  readonly isAwaited: boolean;
}

export interface WatchSettings {
  readonly window: WindowSettings;
  readonly policyOf: (reference: ReferenceProfile) => Policy;
  /** Called after every evaluation. */
  readonly onEvaluation?: (model: WatchedModel, evaluation: Evaluation, durationMs: number) => void;
  /** Milliseconds on any clock that does not jump, for durations. */
  readonly elapsedMs: () => number;
  /** Resolves in a later turn of the event loop. */
  readonly pause: () => Promise<void>;
}

/** Models without a reference that have series of their own; further ones are only counted. */
const UNREFERENCED_MAX = 100;
/** How long the counters of a model that ended are exported: several intervals of any exporter. */
export const ENDED_KEEP_MS = 300_000;
/** Ended models that are kept; the oldest makes room. */
const ENDED_MAX = 1_000;
/** How long a slice of evaluations may hold the event loop. */
const SLICE_MS = 5;

export class WatchedModels {
  readonly #settings: WatchSettings;
  readonly #models = new Map<string, WatchedModel>();
  /** By model and reference, the oldest first. */
  readonly #ended = new Map<string, { readonly model: WatchedModel; readonly endedMs: number }>();
  readonly #layouts = new Map<string, PaneLayout>();
  #references: readonly ReferenceEntry[] = [];
  #unknown: readonly CountedModel[] = [];
  #nowMs = 0;

  constructor(settings: WatchSettings) {
    this.#settings = settings;
  }

  *monitored(): Iterable<WatchedModel> {
    yield* this.#models.values();
    for (const { model } of this.#ended.values()) yield model;
  }

  *unreferenced(): Iterable<ModelKey & { readonly evaluation: Evaluation; readonly intervalMs: number }> {
    const { windowMs, paneMs } = this.#settings.window;
    for (const { environment, model, version, rowCount } of this.#unknown.slice(0, UNREFERENCED_MAX)) {
      const evaluation = evaluateUnreferenced({ startMs: this.#nowMs - windowMs, endMs: this.#nowMs, rowCount });
      yield { environment, model, version, evaluation, intervalMs: paneMs };
    }
  }

  /** Other references apply. @throws RangeError when a policy does not fit its reference */
  configure(references: readonly ReferenceEntry[], nowMs: number): void {
    const { policyOf, window } = this.#settings;
    for (const { profile } of references) {
      compilePolicy(profile, policyOf(profile), window);
      requirePerformancePolicy(profile, policyOf(profile), window);
    }
    this.#references = references;
    for (const [name, model] of this.#models) {
      const applies = matchReference(references, model)?.profile.id === model.reference.id;
      if (!applies || (model.isAwaited && !this.#isListed(model))) this.#end(name, model, nowMs);
      else model.applyPolicy(this.#settings.policyOf(model.reference), this.#settings.window);
    }
    for (const entry of references) {
      if (!isExact(entry)) continue;
      const key = { environment: entry.environment ?? '', model: entry.model, version: entry.version };
      const isSeen = [...this.#models.values()].some((one) => one.model === key.model && one.version === key.version);
      if (!isSeen) this.#watch(key, entry.profile, { ms: nowMs, isAwaited: true });
    }
    const used = new Set([...this.monitored()].map(({ reference }) => reference.id));
    for (const id of this.#layouts.keys()) if (!used.has(id)) this.#layouts.delete(id);
  }

  /** Takes what was closed. */
  take(series: readonly SeriesReport[], unknown: readonly CountedModel[], nowMs: number): void {
    this.#nowMs = nowMs;
    this.#unknown = unknown;
    for (const one of series) this.#takeSeries(one);
    for (const [key, { endedMs }] of this.#ended) if (nowMs - endedMs >= ENDED_KEEP_MS) this.#ended.delete(key);
  }

  /** Takes what was closed of performance, and says up to where it is: for all models. */
  takePerformance(series: Iterable<PerformanceReport>, closedThroughMs: number): void {
    for (const report of series) {
      const running = this.#models.get(modelName(report));
      const ended = this.#ended.get(endedName(report, report.referenceId))?.model;
      const model = running?.reference.id === report.referenceId ? running : ended;
      const lastMs = model?.performance.take(report.panes);
      // Whose labels still come is not silent.
      if (lastMs !== undefined) model!.lastRowsMs = Math.max(model!.lastRowsMs, lastMs);
    }
    for (const { performance } of this.#models.values()) performance.monitor?.advance(closedThroughMs);
  }

  /** Says up to where panes are closed, for models by their key; in wall mode for all of them. */
  advance(closedThroughMs: ReadonlyMap<string, number> | number): void {
    for (const [name, { ring }] of this.#models) {
      const throughMs = typeof closedThroughMs === 'number' ? closedThroughMs : closedThroughMs.get(name);
      if (throughMs !== undefined) ring.advance(throughMs);
    }
  }

  /** Evaluates every window that is due. Yields to the event loop between slices. */
  async evaluate(): Promise<void> {
    const { elapsedMs, onEvaluation, pause } = this.#settings;
    let sliceStarted = elapsedMs();
    const ended = [...this.#ended.values()].map(({ model }) => model);
    for (const model of [...this.#models.values(), ...ended]) {
      for (let view = model.ring.next(); view !== undefined; view = model.ring.next()) {
        const started = elapsedMs();
        model.evaluation = model.monitor.evaluate(view);
        const ended = elapsedMs();
        onEvaluation?.(model, model.evaluation, ended - started);
        if (ended - sliceStarted < SLICE_MS) continue;
        await pause();
        sliceStarted = elapsedMs();
      }
      while (model.performance.monitor?.next() !== undefined) {
        if (elapsedMs() - sliceStarted < SLICE_MS) continue;
        await pause();
        sliceStarted = elapsedMs();
      }
    }
  }

  /**
   * What the rows that are there say, as if their windows were whole: for tests, and for a process that does not live
   * as long as a window. Statuses are without memory; what is exported stays as it was.
   */
  judgeSoFar(): { readonly model: WatchedModel; readonly evaluation: Evaluation }[] {
    return [...this.#models.values()].map((model) => {
      const view = model.ring.soFar();
      const evaluation =
        view === undefined ? model.evaluation : evaluate(model.layout, model.policy, { ...view, filled: true });
      return { model, evaluation };
    });
  }

  /** Forgets models without rows since then; those that a reference names stay, as awaited. */
  retire(beforeMs: number, nowMs: number): ModelKey[] {
    const gone: ModelKey[] = [];
    for (const [name, model] of this.#models) {
      if (model.isAwaited || model.lastRowsMs >= beforeMs) continue;
      this.#end(name, model, nowMs);
      gone.push(model);
    }
    if (gone.length > 0) this.configure(this.#references, nowMs);
    return gone;
  }

  /** Windows, memories, counters and latest evaluations, as versioned bytes. */
  snapshot(): Uint8Array {
    const models = [...this.#models.values()].filter(({ isAwaited }) => !isAwaited);
    return encodeWatched(
      models.map(({ environment, model, version, ...one }) => ({
        environment,
        model,
        version,
        referenceId: one.reference.id,
        sinceMs: one.sinceMs,
        lastRowsMs: one.lastRowsMs,
        monitor: one.monitor.snapshot(),
        evaluation: one.evaluation,
        ring: one.ring.snapshot(),
        totals: encodePane(one.layout, one.totals),
        performance: one.performance.snapshot(),
      })),
    );
  }

  /**
   * All of it, or nothing: false. Models whose reference no longer applies are left out. `isTrial`: says what would be,
   * and changes nothing.
   */
  restore(bytes: Uint8Array, isTrial = false): boolean {
    const states = decodeWatched(bytes);
    if (states === undefined) return false;
    const restored: WatchedModel[] = [];
    for (const state of states) {
      const reference = matchReference(this.#references, state)?.profile;
      if (reference?.id !== state.referenceId) continue;
      const layout = this.#layouts.get(reference.id) ?? compileLayout(reference);
      const { window, policyOf } = this.#settings;
      const since = { ms: state.sinceMs, isAwaited: false };
      const model = new WatchedModel(state, reference, layout, policyOf(reference), window, since);
      const totals = decodePane(layout, state.totals);
      if (!totals.ok || !model.ring.restore(state.ring).ok || !model.monitor.restore(state.monitor)) return false;
      model.performance.restore(state.performance);
      model.totals.set(totals.pane);
      model.evaluation = state.evaluation;
      model.lastRowsMs = state.lastRowsMs;
      restored.push(model);
    }
    if (isTrial) return true;
    for (const model of restored) {
      this.#layouts.set(model.reference.id, model.layout);
      this.#dropAwaited(model);
      this.#models.set(modelName(model), model);
    }
    return true;
  }

  #takeSeries(report: SeriesReport): void {
    const running = this.#models.get(modelName(report));
    if (running !== undefined && !running.isAwaited && running.reference.id === report.referenceId) {
      running.take(report);
      return;
    }
    const ended = this.#ended.get(endedName(report, report.referenceId))?.model;
    const profile = report.isEnded ? undefined : matchReference(this.#references, report)?.profile;
    if (profile === undefined || profile.id !== report.referenceId) {
      ended?.take(report);
      return;
    }
    this.#dropAwaited(report);
    this.#watch(report, profile, { ms: report.sinceMs, isAwaited: false }).take(report);
  }

  #end(name: string, model: WatchedModel, nowMs: number): void {
    this.#models.delete(name);
    if (model.isAwaited) return;
    model.end();
    this.#ended.set(endedName(model, model.reference.id), { model, endedMs: nowMs });
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > ENDED_MAX) this.#ended.delete(oldest);
  }

  #watch(key: ModelKey, reference: ReferenceProfile, since: Since): WatchedModel {
    const layout = this.#layouts.get(reference.id) ?? compileLayout(reference);
    this.#layouts.set(reference.id, layout);
    const { window, policyOf } = this.#settings;
    const model = new WatchedModel(key, reference, layout, policyOf(reference), window, since);
    const ended = this.#ended.get(endedName(key, reference.id));
    if (ended !== undefined && !since.isAwaited) {
      model.totals.set(ended.model.totals);
      this.#ended.delete(endedName(key, reference.id));
    }
    this.#models.set(modelName(key), model);
    return model;
  }

  #dropAwaited({ model, version }: ModelKey): void {
    for (const [name, one] of this.#models) {
      if (one.isAwaited && one.model === model && one.version === version) this.#models.delete(name);
    }
  }

  #isListed({ model, version }: ModelKey): boolean {
    return this.#references.some((entry) => isExact(entry) && entry.model === model && entry.version === version);
  }
}

function endedName({ environment, model, version }: ModelKey, referenceId: string): string {
  return JSON.stringify([environment, model, version, referenceId]);
}

/** An injective key. */
export function modelName({ environment, model, version }: ModelKey): string {
  return JSON.stringify([environment, model, version]);
}
