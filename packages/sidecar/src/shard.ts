/**
 * One shard of the pipeline: bytes in, open panes inside, closed panes out. It runs in a worker thread, or in the main
 * one when there are no workers.
 *
 * This is the seam of durable state: `append` returns before the batch is acknowledged, and `snapshot` and `restore`
 * are versioned bytes. State is in memory for now: nothing calls them but tests.
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
import { decodeShardSnapshot, encodeShardSnapshot } from './shard-snapshot.ts';

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
  readonly panes: readonly ClosedPane[];
  readonly closedThroughMs: number;
  /** Another reference applies now: these are its last panes. */
  readonly isEnded: boolean;
}

export interface ShardReport {
  readonly series: readonly SeriesReport[];
  readonly unknown: readonly UnknownModel[];
  readonly ignoredFeatures: readonly ModelIgnoredFeatures[];
  readonly books: BooksSnapshot;
  readonly dedupReachMs: number;
  readonly undecodableCount: number;
}

interface Series extends Target {
  readonly key: ModelKey;
  readonly profile: ReferenceProfile;
  readonly panes: PaneSet;
  readonly sinceMs: number;
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

  /** Closed panes and counts since the last report. `closeAll` closes what is open: at shutdown. */
  report(nowMs: number, closeAll = false): ShardReport {
    const ended = this.#ended.map((one) => this.#seriesReport(one, nowMs, true));
    this.#ended = [];
    const running = [...this.#series.values()].map((one) => this.#seriesReport(one, nowMs, false, closeAll));
    const { observationCount, keyOverflowCount, undecodableCount, tooLargeCount } = this.#decoder.counters;
    const books = this.#intake.books.snapshot(observationCount, this.#intake.pendingCount);
    return {
      series: [...ended, ...running],
      unknown: this.#intake.unknownModels(),
      ignoredFeatures: this.#intake.ignoredFeatures(),
      books: { ...books, overflow: { ...books.overflow, keys: keyOverflowCount } },
      dedupReachMs: this.#intake.dedupReachMs(nowMs),
      undecodableCount: undecodableCount + tooLargeCount,
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

  /** Forgets models without rows since then. */
  retire(beforeMs: number): void {
    for (const key of this.#intake.retire(beforeMs)) this.#end(nameOf(key));
  }

  /** Its panes are handed over with the next report. */
  #end(name: string): void {
    const one = this.#series.get(name);
    if (one === undefined) return;
    this.#series.delete(name);
    this.#ended.push(one);
  }

  /** The open panes of all series, as versioned bytes. */
  snapshot(): Uint8Array {
    const series = [...this.#series.values()].map(({ key, profile, sinceMs, panes }) => ({
      ...key,
      referenceId: profile.id,
      sinceMs,
      panes: panes.snapshot(),
    }));
    return encodeShardSnapshot(series);
  }

  /**
   * Takes open panes back. Series whose reference no longer applies are left out; returns how many were taken, or
   * `invalid` when the bytes are no snapshot: then nothing changed.
   */
  restore(bytes: Uint8Array): number | 'invalid' {
    const decoded = decodeShardSnapshot(bytes);
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

  #seriesReport(
    { key, profile, panes, sinceMs }: Series,
    nowMs: number,
    isEnded: boolean,
    closeAll = isEnded,
  ): SeriesReport {
    const closed = closeAll ? panes.flush() : panes.advance(nowMs);
    return {
      ...key,
      referenceId: profile.id,
      sinceMs,
      panes: closed.panes,
      closedThroughMs: closed.closedThroughMs,
      isEnded,
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
    const { profile } = entry;
    const { paneMs, latenessMs, skewMs, mode } = this.#settings;
    const layout = this.#layoutOf(profile);
    const panes = new PaneSet(layout, { paneMs, latenessMs, skewMs, mode });
    const columns = layout.columns.map(({ name: column, role, type }) => ({ name: column, role, type }));
    const series: Series = {
      key: { environment: key.environment, model: key.model, version: key.version },
      profile,
      panes,
      sinceMs: this.#nowMs,
      columns,
      append: (batch, nowMs) => panes.append(batch, nowMs),
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

function nameOf({ environment, model, version }: ModelKey): string {
  return JSON.stringify([environment, model, version]);
}
