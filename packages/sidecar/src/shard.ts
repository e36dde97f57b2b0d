/**
 * One shard of the pipeline: bytes in, open panes inside, closed panes out. It runs in a worker thread, or in the main
 * one when there are no workers.
 *
 * This is the seam of durable state: `append` returns before the batch is acknowledged, and `snapshot` and `restore`
 * are versioned bytes. State is in memory for now: nothing stands behind them yet.
 *
 * Invariants
 * 1. A series is a model under one reference. When another reference comes to apply, the panes of the old series are
 *    closed and handed over: nothing is lost, nothing is mixed.
 * 2. Series whose reference did not change keep their open panes through `configure`.
 */
import { type ClosedPane, compileLayout, type PaneLayout, PaneSet, type ReferenceProfile } from '@leeway/engine';
import {
  type BooksSnapshot,
  Dedup,
  type HashSeed,
  Intake,
  isObservationKey,
  type ModelIgnoredFeatures,
  type Target,
  type UnknownModel,
} from '@leeway/intake';
import { type AppendOutcome, createDecoder, type Decoder, type ReceivedBatch } from './receive/index.ts';
import { isExact, type ModelKey, type ReferenceEntry, ReferenceIndex } from './reference-match.ts';
import { decodeShardState, encodeShardState } from './shard-state.ts';

export interface ShardSettings {
  readonly paneMs: number;
  readonly latenessMs: number;
  readonly skewMs: number;
  readonly mode: 'wall' | 'event';
  readonly bodyBytesMax: number;
  readonly environmentsMax: number;
  readonly modelsMax: number;
  readonly versionsMax: number;
  readonly dedupIdsMax: number;
  /** 64 random bits that senders cannot know. */
  readonly hashSeed: HashSeed;
  readonly references: readonly ReferenceEntry[];
}

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

export interface ShardReport {
  readonly series: readonly SeriesReport[];
  readonly unknown: readonly UnknownModel[];
  readonly ignoredFeatures: readonly ModelIgnoredFeatures[];
  readonly books: BooksSnapshot;
  readonly dedupReachMs: number;
  readonly undecodableCount: number;
  /** Rows that are counted and in panes that are still open. */
  readonly openRowCount: number;
}

export interface ReportOptions {
  /** Closes what is open: at shutdown. */
  readonly closeAll?: boolean;
  /** Models without rows since then are let go first, and their last panes are in the report. */
  readonly retireBeforeMs?: number;
}

/** `seriesCount` were taken; the reference of `leftCount` others no longer applies. */
export type Restored =
  | { readonly ok: true; readonly seriesCount: number; readonly leftCount: number }
  | { readonly ok: false; readonly reason: 'not_a_snapshot' | 'panes' | 'shard_count' };

interface Series extends Target {
  readonly key: ModelKey;
  readonly profile: ReferenceProfile;
  readonly panes: PaneSet;
  readonly sinceMs: number;
  lastRowsMs: number;
}

export class Shard {
  readonly #settings: ShardSettings;
  readonly #decoder: Decoder;
  readonly #intake: Intake;
  readonly #series = new Map<string, Series>();
  readonly #layouts = new Map<string, PaneLayout>();
  #references: ReferenceIndex;
  #ended: Series[] = [];
  #nowMs = 0;
  /** By the shard whose state was restored. */
  #receivedBefore = 0;

  constructor(settings: ShardSettings) {
    this.#settings = settings;
    this.#references = new ReferenceIndex(settings.references);
    const { environmentsMax, modelsMax, versionsMax, dedupIdsMax, bodyBytesMax, hashSeed } = settings;
    this.#decoder = createDecoder({ isObservationKey, limits: { bodyBytesMax }, hashSeed: hashSeed[0] });
    this.#intake = new Intake({
      references: {
        standingOf: (key) => this.#standingOf(key),
        targetOf: (key) => this.#resolve(key),
        release: (key) => this.#end(nameOf(key)),
      },
      hashSeed,
      limits: { environmentsMax, modelsMax, versionsMax },
      dedup: new Dedup({ idsMax: dedupIdsMax }),
    });
  }

  append(batch: ReceivedBatch, nowMs: number): AppendOutcome {
    this.#nowMs = nowMs;
    const decoded = this.#decoder.decode(batch);
    if (!decoded.ok)
      return decoded.kind === 'too_large' ? { kind: 'too_large' } : { kind: 'undecodable', message: decoded.message };
    const { rejectedItemCount: rejectedCount, rejectedCount: rows, remark } = this.#intake.take(decoded.view, nowMs);
    const refusal = rows > 0 ? `${rows} observations were rejected: see leeway.observations.processed by reason.` : '';
    const message = [refusal, remark ?? ''].filter((text) => text !== '').join(' ');
    return { kind: 'accepted', rejectedCount, ...(message === '' ? {} : { message }) };
  }

  /** Observations that were ever received. */
  get receivedCount(): number {
    return this.#receivedBefore + this.#decoder.counters.observationCount;
  }

  /** Closed panes since the last report, and all counts. */
  report(
    nowMs: number,
    { closeAll = false, retireBeforeMs = Number.NEGATIVE_INFINITY }: ReportOptions = {},
  ): ShardReport {
    for (const key of this.#intake.retire(retireBeforeMs)) this.#end(nameOf(key));
    const ended = this.#ended.map((one) => seriesReport(one, nowMs, true));
    this.#ended = [];
    const running = [...this.#series.values()].map((one) => seriesReport(one, nowMs, false, closeAll));
    const { undecodableCount, tooLargeCount } = this.#decoder.counters;
    return {
      series: [...ended, ...running],
      unknown: this.#intake.unknownModels(),
      ignoredFeatures: this.#intake.ignoredFeatures(),
      books: this.#books(),
      dedupReachMs: this.#intake.dedupReachMs(nowMs),
      undecodableCount: undecodableCount + tooLargeCount,
      openRowCount: [...this.#series.values()].reduce((sum, { panes }) => sum + panes.openRowCount, 0),
    };
  }

  /** Other references apply from now on. */
  configure(references: readonly ReferenceEntry[], nowMs: number): void {
    this.#nowMs = nowMs;
    this.#references = new ReferenceIndex(references);
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
    return encodeShardState({ series, intake: this.#intake.snapshot(), books: this.#books() });
  }

  /** On a shard that took nothing yet: all of it, or nothing. `isTrial`: says what would be, and changes nothing. */
  restore(bytes: Uint8Array, isTrial = false): Restored {
    const state = decodeShardState(bytes);
    if (state === undefined) return { ok: false, reason: 'not_a_snapshot' };
    const taken = new Map<string, Series>();
    for (const { referenceId, panes, sinceMs, lastRowsMs, ...key } of state.series) {
      const profile = this.#references.match(key)?.profile;
      if (profile?.id !== referenceId) continue;
      const series = this.#newSeries(key, profile, sinceMs);
      if (!series.panes.restore(panes).ok) return { ok: false, reason: 'panes' };
      taken.set(nameOf(key), Object.assign(series, { lastRowsMs }));
    }
    const restored = { ok: true, seriesCount: taken.size, leftCount: state.series.length - taken.size } as const;
    if (isTrial) return restored;
    for (const [name, series] of taken) this.#series.set(name, series);
    this.#receivedBefore = state.books.received;
    const models = [...taken.values()].map(({ key, lastRowsMs }) => ({ ...key, lastSeenMs: lastRowsMs }));
    this.#intake.restore(state.intake, state.books, models);
    return restored;
  }

  #books(): BooksSnapshot {
    const books = this.#intake.books.snapshot(this.receivedCount, this.#intake.pendingCount);
    return {
      ...books,
      overflow: { ...books.overflow, keys: books.overflow.keys + this.#decoder.counters.keyOverflowCount },
    };
  }

  #standingOf(key: ModelKey) {
    const entry = this.#references.match(key);
    if (entry === undefined) return undefined;
    return { namesEnvironment: entry.environment !== undefined, namesVersion: isExact(entry) };
  }

  #resolve(key: ModelKey): Series | undefined {
    const entry = this.#references.match(key);
    if (entry === undefined) return undefined;
    const name = nameOf(key);
    const running = this.#series.get(name);
    if (running !== undefined) return running;
    const series = this.#newSeries(key, entry.profile, this.#nowMs);
    this.#series.set(name, series);
    return series;
  }

  #newSeries({ environment, model, version }: ModelKey, profile: ReferenceProfile, sinceMs: number): Series {
    const { paneMs, latenessMs, skewMs, mode } = this.#settings;
    const layout = this.#layoutOf(profile);
    const panes = new PaneSet(layout, { paneMs, latenessMs, skewMs, mode });
    const columns = layout.columns.map(({ name, role, type }) => ({ name, role, type }));
    const series: Series = {
      key: { environment, model, version },
      profile,
      panes,
      sinceMs,
      lastRowsMs: sinceMs,
      columns,
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

function seriesReport(
  { key, profile, panes, sinceMs, lastRowsMs }: Series,
  nowMs: number,
  isEnded: boolean,
  closeAll = isEnded,
): SeriesReport {
  const closed = closeAll ? panes.flush() : panes.advance(nowMs);
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

function nameOf({ environment, model, version }: ModelKey): string {
  return JSON.stringify([environment, model, version]);
}
