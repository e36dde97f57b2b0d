/**
 * Where the rows of each model go: its open panes, under the reference that applies to it. Views in, closed panes out.
 *
 * Invariants
 * 1. A series is a model under one reference. When another reference comes to apply, the panes of the old series are
 *    closed and handed over: nothing is lost, nothing is mixed.
 * 2. Series whose reference did not change keep their open panes through `configure`.
 */
import {
  compileLayout,
  type ModelKey,
  matchReference,
  modelName,
  type PaneLayout,
  PaneSet,
  type ReferenceEntry,
  type ReferenceProfile,
  type SeriesReport,
} from '@leeway/engine';
import type { AttributeView } from './attribute-view.ts';
import type { BooksSnapshot } from './books.ts';
import { Dedup } from './dedup.ts';
import { Intake } from './intake.ts';
import type { KeyMapping } from './mapping.ts';
import type { Target } from './models.ts';
import { decodePanesSnapshot, encodePanesSnapshot } from './panes-snapshot.ts';
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
  readonly references: readonly ReferenceEntry[];
  /** The view's keys must be counted as observations under the same mapping. */
  readonly mapping?: KeyMapping;
}

export interface PanesReport {
  readonly series: readonly SeriesReport[];
  readonly unknown: readonly UnknownModel[];
  readonly books: BooksSnapshot;
  readonly dedupReachMs: number;
  /** Schemas of packed values that were learned since the last report: the names of their columns. */
  readonly freshSchemas: readonly (readonly string[])[];
}

/** `due`: panes whose time is over; `all`: the open ones too, for good; `drain`: what the open ones hold so far. */
export type Closing = 'due' | 'all' | 'drain';

interface Series extends Target {
  readonly key: ModelKey;
  readonly profile: ReferenceProfile;
  readonly panes: PaneSet;
  readonly sinceMs: number;
}

export class ModelPanes {
  readonly #settings: ModelPanesSettings;
  readonly #intake: Intake;
  readonly #series = new Map<string, Series>();
  readonly #layouts = new Map<string, PaneLayout>();
  #references: readonly ReferenceEntry[];
  #ended: Series[] = [];
  #nowMs = 0;

  constructor(settings: ModelPanesSettings) {
    this.#settings = settings;
    this.#references = settings.references;
    const { environmentsMax, modelsMax, versionsMax, dedupIdsMax, mapping } = settings;
    this.#intake = new Intake({
      resolve: (key) => this.#resolve(key),
      limits: { environmentsMax, modelsMax, versionsMax },
      dedup: new Dedup({ idsMax: dedupIdsMax }),
      ...(mapping === undefined ? {} : { mapping }),
    });
  }

  /** Takes one request whole. Returns how many observations were rejected. */
  take(view: AttributeView, nowMs: number): number {
    this.#nowMs = nowMs;
    return this.#intake.take(view, nowMs);
  }

  /** Closed panes since the last report, and counts since the start. */
  report(nowMs: number, closing: Closing = 'due'): PanesReport {
    const ended = this.#ended.map((one) => seriesReport(one, nowMs, 'all', true));
    this.#ended = [];
    const running = [...this.#series.values()].map((one) => seriesReport(one, nowMs, closing, false));
    return {
      series: [...ended, ...running],
      unknown: this.#intake.unknownModels(),
      books: this.#intake.books.snapshot(),
      dedupReachMs: this.#intake.dedupReachMs(nowMs),
      freshSchemas: this.#intake.takeFreshSchemas(),
    };
  }

  /** Schemas of packed values that were learned elsewhere. */
  learnSchemas(schemas: PanesReport['freshSchemas']): void {
    this.#intake.learnSchemas(schemas);
  }

  /** Other references apply from now on. */
  configure(references: readonly ReferenceEntry[], nowMs: number): void {
    this.#nowMs = nowMs;
    this.#references = references;
    for (const [name, one] of this.#series) {
      if (matchReference(references, one.key)?.profile.id === one.profile.id) continue;
      this.#series.delete(name);
      this.#ended.push(one);
    }
    this.#layouts.clear();
    this.#intake.invalidate(nowMs);
  }

  /** Forgets models without rows since then. */
  retire(beforeMs: number): void {
    for (const key of this.#intake.retire(beforeMs)) {
      const one = this.#series.get(modelName(key));
      if (one === undefined) continue;
      this.#series.delete(modelName(key));
      this.#ended.push(one);
    }
  }

  /** The open panes of all series, as versioned bytes. */
  snapshot(): Uint8Array {
    const series = [...this.#series.values()].map(({ key, profile, sinceMs, panes }) => ({
      ...key,
      referenceId: profile.id,
      sinceMs,
      panes: panes.snapshot(),
    }));
    return encodePanesSnapshot(series);
  }

  /**
   * Takes open panes back. Series whose reference no longer applies are left out; returns how many were taken, or
   * `invalid` when the bytes are no snapshot: then nothing changed.
   */
  restore(bytes: Uint8Array): number | 'invalid' {
    const decoded = decodePanesSnapshot(bytes);
    if (decoded === undefined) return 'invalid';
    let taken = 0;
    for (const { referenceId, sinceMs, panes, ...key } of decoded) {
      this.#nowMs = sinceMs;
      const series = this.#resolve(key);
      if (series?.profile.id === referenceId && series.panes.restore(panes).ok) taken++;
    }
    this.#intake.invalidate(this.#nowMs);
    return taken;
  }

  #resolve(key: ModelKey): Series | undefined {
    const entry = matchReference(this.#references, key);
    if (entry === undefined) return undefined;
    const name = modelName(key);
    const running = this.#series.get(name);
    if (running !== undefined) return running;
    const { profile } = entry;
    const { paneMs, latenessMs, skewMs, mode } = this.#settings;
    const layout = this.#layoutOf(profile);
    const panes = new PaneSet(layout, { paneMs, latenessMs, skewMs, mode });
    const isEvent = mode === 'event';
    const columns = layout.columns.map(({ name: column, role, type }) => ({ name: column, role, type }));
    const series: Series = {
      key: { environment: key.environment, model: key.model, version: key.version },
      profile,
      panes,
      sinceMs: this.#nowMs,
      columns,
      append: (batch, nowMs) => panes.append(batch, isEvent ? Number.POSITIVE_INFINITY : nowMs),
    };
    this.#series.set(name, series);
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

function seriesReport(
  { key, profile, panes, sinceMs }: Series,
  nowMs: number,
  closing: Closing,
  isEnded: boolean,
): SeriesReport {
  const closed = closing === 'all' ? panes.flush() : closing === 'drain' ? panes.drain(nowMs) : panes.advance(nowMs);
  return {
    ...key,
    referenceId: profile.id,
    sinceMs,
    panes: closed.panes,
    closedThroughMs: closed.closedThroughMs,
    isEnded,
  };
}
