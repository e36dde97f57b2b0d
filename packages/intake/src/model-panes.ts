/**
 * Where the rows of each model go: its open panes, under the reference that applies to it. Views in, closed panes out.
 *
 * Invariants
 * 1. A series is a model under one reference. When another reference comes to apply, the panes of the old series are
 *    closed and handed over: nothing is lost, nothing is mixed.
 * 2. Series whose reference did not change keep their open panes through `configure`.
 */

import type { HashSeed } from '@leeway/engine';
import {
  compileLayout,
  isExact,
  type ModelKey,
  modelName,
  type PaneLayout,
  PaneSet,
  performanceLayout,
  type ReferenceEntry,
  ReferenceIndex,
  type ReferenceProfile,
  type SeriesReport,
} from '@leeway/engine';
import type { AttributeView } from './attribute-view.ts';
import type { BooksSnapshot } from './books.ts';
import { Dedup } from './dedup.ts';
import type { ModelIgnoredFeatures } from './ignored-features.ts';
import { Intake, type Taken } from './intake.ts';
import type { LabelColumns } from './label-rows.ts';
import type { KeyMapping } from './mapping.ts';
import type { Standing, Target } from './models.ts';
import { decodePanesState, encodePanesState } from './panes-snapshot.ts';
import type { UnknownModel } from './unknown-models.ts';

export interface ModelPanesSettings {
  readonly paneMs: number;
  readonly latenessMs: number;
  readonly skewMs: number;
  readonly mode: 'wall' | 'event';
  readonly environmentsMax: number;
  readonly modelsMax: number;
  readonly versionsMax: number;
  readonly dedupIdsMax: number;
  /** 64 random bits that senders cannot know. */
  readonly hashSeed: HashSeed;
  readonly references: readonly ReferenceEntry[];
  /** Whether predictions of models with labels wait for them. */
  readonly labels?: boolean;
  /** The view's keys must be counted as observations under the same mapping. */
  readonly mapping?: KeyMapping;
}

export interface PanesReport {
  readonly series: readonly SeriesReport[];
  readonly unknown: readonly UnknownModel[];
  readonly ignoredFeatures: readonly ModelIgnoredFeatures[];
  readonly books: BooksSnapshot;
  readonly dedupReachMs: number;
  /** Rows that are counted and in panes that are still open. */
  readonly openRowCount: number;
  /** Schemas of packed values that were learned since the last report: the names of their columns. */
  readonly freshSchemas: readonly (readonly string[])[];
}

/** `due`: panes whose time is over; `all`: the open ones too, for good; `drain`: what the open ones hold so far. */
export type Closing = 'due' | 'all' | 'drain';

export interface ReportOptions {
  readonly closing?: Closing;
  /** Models without rows since then are let go first, and their last panes are in the report. */
  readonly retireBeforeMs?: number;
}

/** `seriesCount` were taken; the reference of `leftCount` others no longer applies. */
export type Restored =
  | { readonly ok: true; readonly seriesCount: number; readonly leftCount: number }
  | { readonly ok: false; readonly reason: 'not_a_snapshot' | 'panes' };

interface Series extends Target {
  readonly key: ModelKey;
  readonly profile: ReferenceProfile;
  readonly panes: PaneSet;
  readonly sinceMs: number;
  lastRowsMs: number;
}

export class ModelPanes {
  readonly #settings: ModelPanesSettings;
  readonly #intake: Intake;
  readonly #series = new Map<string, Series>();
  readonly #layouts = new Map<string, PaneLayout>();
  #references: ReferenceIndex;
  /** Names of models of which a reference has labels. */
  #labelled: ReadonlySet<string>;
  #ended: Series[] = [];
  #nowMs = 0;
  readonly #scannedCount: () => number;
  /** In views that were taken, item by item as their scanner counted. */
  #viewCount = 0;
  /** By those whose state was restored. */
  #receivedBefore = 0;

  /** @param scannedCount the scanner's own count of observations; default: the sum over the views that were taken */
  constructor(settings: ModelPanesSettings, scannedCount?: () => number) {
    this.#settings = settings;
    this.#scannedCount = scannedCount ?? (() => this.#viewCount);
    this.#references = new ReferenceIndex(settings.references);
    this.#labelled = labelledModels(settings.references);
    const { environmentsMax, modelsMax, versionsMax, dedupIdsMax, hashSeed, mapping } = settings;
    this.#intake = new Intake({
      references: {
        standingOf: (key) => this.#standingOf(key),
        targetOf: (key) => this.#resolve(key),
        takesLabels: (model) => settings.labels === true && this.#labelled.has(model),
        release: (key) => this.#end(modelName(key)),
      },
      hashSeed,
      limits: { environmentsMax, modelsMax, versionsMax },
      dedup: new Dedup({ idsMax: dedupIdsMax }),
      ...(mapping === undefined ? {} : { mapping }),
    });
  }

  /** Observations that were ever received. */
  get receivedCount(): number {
    return this.#receivedBefore + this.#scannedCount();
  }

  /** Takes one request whole. */
  take(view: AttributeView, nowMs: number): Taken {
    this.#nowMs = nowMs;
    for (let item = 0; item < view.itemCount; item++) this.#viewCount += view.itemObservationCount[item];
    return this.#intake.take(view, nowMs);
  }

  /** Closed panes since the last report, and counts since the start. */
  report(
    nowMs: number,
    { closing = 'due', retireBeforeMs = Number.NEGATIVE_INFINITY }: ReportOptions = {},
  ): PanesReport {
    for (const key of this.#intake.retire(retireBeforeMs)) this.#end(modelName(key));
    const ended = this.#ended.map((one) => seriesReport(one, nowMs, 'all', true));
    this.#ended = [];
    const running = [...this.#series.values()].map((one) => seriesReport(one, nowMs, closing, false));
    return {
      series: [...ended, ...running],
      unknown: this.#intake.unknownModels(),
      ignoredFeatures: this.#intake.ignoredFeatures(),
      books: this.#intake.books.snapshot(this.receivedCount, this.#intake.pendingCount),
      dedupReachMs: this.#intake.dedupReachMs(nowMs),
      freshSchemas: this.#intake.takeFreshSchemas(),
      openRowCount: [...this.#series.values()].reduce((sum, { panes }) => sum + panes.openRowCount, 0),
    };
  }

  /** Schemas of packed values that were learned elsewhere. */
  learnSchemas(schemas: PanesReport['freshSchemas']): void {
    this.#intake.learnSchemas(schemas);
  }

  /** Other references apply from now on. */
  configure(references: readonly ReferenceEntry[], nowMs: number): void {
    this.#nowMs = nowMs;
    this.#references = new ReferenceIndex(references);
    this.#labelled = labelledModels(references);
    for (const [name, one] of this.#series) {
      if (this.#references.match(one.key)?.profile.id !== one.profile.id) this.#end(name);
    }
    this.#layouts.clear();
    this.#intake.invalidate(nowMs);
  }

  /** Its panes are handed over with the next report. */
  #end(name: string): void {
    const one = this.#series.get(name);
    if (one === undefined) return;
    this.#series.delete(name);
    this.#ended.push(one);
  }

  /** Open panes, seen ids and books, as versioned bytes. */
  snapshot(): Uint8Array {
    const series = [...this.#ended, ...this.#series.values()].map(({ key, profile, sinceMs, lastRowsMs, panes }) => ({
      ...key,
      referenceId: profile.id,
      sinceMs,
      lastRowsMs,
      panes: panes.snapshot(),
    }));
    return encodePanesState({
      series,
      intake: this.#intake.snapshot(),
      books: this.#intake.books.snapshot(this.receivedCount, this.#intake.pendingCount),
    });
  }

  /** On one that took nothing yet: all of it, or nothing. `isTrial`: says what would be, and changes nothing. */
  restore(bytes: Uint8Array, isTrial = false): Restored {
    const state = decodePanesState(bytes);
    if (state === undefined) return { ok: false, reason: 'not_a_snapshot' };
    const taken = new Map<string, Series>();
    for (const { referenceId, panes, sinceMs, lastRowsMs, ...key } of state.series) {
      const entry = this.#references.match(key);
      const profile = entry?.profile;
      if (profile?.id !== referenceId) continue;
      const series = this.#newSeries(key, profile, sinceMs, entry?.segments);
      if (!series.panes.restore(panes).ok) return { ok: false, reason: 'panes' };
      taken.set(modelName(key), Object.assign(series, { lastRowsMs }));
    }
    const restored = { ok: true, seriesCount: taken.size, leftCount: state.series.length - taken.size } as const;
    if (isTrial) return restored;
    for (const [name, series] of taken) this.#series.set(name, series);
    this.#receivedBefore = state.books.received;
    const models = [...taken.values()].map(({ key, lastRowsMs }) => ({ ...key, lastSeenMs: lastRowsMs }));
    this.#intake.restore(state.intake, state.books, models);
    return restored;
  }

  #standingOf(key: ModelKey): Standing | undefined {
    const entry = this.#references.match(key);
    if (entry === undefined) return undefined;
    return { namesEnvironment: entry.environment !== undefined, namesVersion: isExact(entry) };
  }

  #resolve(key: ModelKey): Series | undefined {
    const entry = this.#references.match(key);
    if (entry === undefined) return undefined;
    const name = modelName(key);
    const running = this.#series.get(name);
    if (running !== undefined) return running;
    const series = this.#newSeries(key, entry.profile, this.#nowMs, entry.segments);
    this.#series.set(name, series);
    return series;
  }

  #newSeries(
    { environment, model, version }: ModelKey,
    profile: ReferenceProfile,
    sinceMs: number,
    segments?: readonly string[],
  ): Series {
    const { paneMs, latenessMs, skewMs, mode } = this.#settings;
    const layout = this.#layoutOf(profile);
    const panes = new PaneSet(layout, { paneMs, latenessMs, skewMs, mode });
    const columns = layout.columns.map(({ name, role, type }) => ({ name, role, type }));
    const labels = this.#settings.labels === true ? labelColumns(profile, segments) : undefined;
    const series: Series = {
      key: { environment, model, version },
      profile,
      panes,
      sinceMs,
      lastRowsMs: sinceMs,
      columns,
      ...(labels === undefined ? {} : { labels }),
      append: (batch, nowMs) => {
        series.lastRowsMs = nowMs;
        return panes.append(batch, nowMs);
      },
    };
    return series;
  }

  /** Once a reference: compiling makes tables. Categories are cached by text id, and all series share the texts. */
  #layoutOf(profile: ReferenceProfile): PaneLayout {
    const known = this.#layouts.get(profile.id);
    if (known !== undefined) return known;
    const layout = compileLayout(profile);
    this.#layouts.set(profile.id, layout);
    return layout;
  }
}

function labelledModels(references: readonly ReferenceEntry[]): ReadonlySet<string> {
  return new Set(references.filter(({ profile }) => profile.performance !== undefined).map(({ model }) => model));
}

/** Undefined when the reference has no labels. */
function labelColumns(
  { performance, features, outputs }: ReferenceProfile,
  segments: readonly string[] = [],
): LabelColumns | undefined {
  const layout = performance === undefined ? undefined : performanceLayout(performance);
  if (layout === undefined) return undefined;
  const columnOf = (name: string): number => {
    const index = outputs.findIndex((output) => output.name === name);
    return index < 0 ? -1 : features.length + index;
  };
  const scores = layout.scoreClasses.map(columnOf);
  return {
    label: columnOf('label'),
    value: columnOf(layout.task === 'regression' ? 'value' : 'score'),
    scores: scores.includes(-1) ? [] : scores,
    ...(segments.length === 0 ? {} : { segments: segmentNumbers(segments) }),
  };
}

/** @param segments `key=value` */
function segmentNumbers(segments: readonly string[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const numbers = new Map<string, Map<string, number>>();
  segments.forEach((name, index) => {
    const at = name.indexOf('=');
    const key = name.slice(0, at);
    const values = numbers.get(key) ?? new Map<string, number>();
    numbers.set(key, values.set(name.slice(at + 1), index));
  });
  return numbers;
}

function seriesReport(
  { key, profile, panes, sinceMs, lastRowsMs }: Series,
  nowMs: number,
  closing: Closing,
  isEnded: boolean,
): SeriesReport {
  const closed = closing === 'all' ? panes.flush() : closing === 'drain' ? panes.drain(nowMs) : panes.advance(nowMs);
  return {
    ...key,
    referenceId: profile.id,
    sinceMs,
    lastRowsMs,
    panes: closed.panes,
    closedThroughMs: closed.closedThroughMs,
    isEnded,
  };
}
