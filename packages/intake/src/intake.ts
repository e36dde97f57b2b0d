/**
 * Attribute views in, rows of models out. Every observation that comes in is booked under one outcome.
 *
 * Invariants
 * 1. After every `take`, what the scanner counted in the request is the sum of what was added to all outcomes.
 * 2. A row is taken once, whichever carrier brought it: (trace id, span id, row) is its identity. A row without a span
 *    context has none, and is always taken.
 * 3. An item is taken whole or rejected whole: columns of one batch that differ in length mean nothing. Only for their
 *    time single rows of an item may be refused.
 */

import type { HashSeed } from '@leeway/engine';
import { CELL } from '@leeway/engine';
import { EVENT_ML_PREDICTION } from '@leeway/semconv';
import { type AttributeView, ITEM, VALUE } from './attribute-view.ts';
import type { BatchBuilder } from './batch-builder.ts';
import { Books, type BooksSnapshot, type OutcomeReason } from './books.ts';
import { Dedup, type DedupSnapshot } from './dedup.ts';
import type { ModelIgnoredFeatures } from './ignored-features.ts';
import { ItemAttributes } from './item-attributes.ts';
import { ItemModel } from './item-model.ts';
import { KeyRoles } from './key-roles.ts';
import { LabelRows, type LabelWork } from './label-rows.ts';
import type { KeyMapping } from './mapping.ts';
import { MODEL_LIMITS, type ModelEntry, type ModelLimits, Models, type References } from './models.ts';
import { PackedRows } from './packed-rows.ts';
import { ROLE } from './roles.ts';
import { isRowNumber, RowIds } from './row-ids.ts';
import { RowWeights, WEIGHT_MAX } from './row-weights.ts';
import { Texts } from './texts.ts';
import { FEATURE_NAMES_TOTAL_MAX, type Identity, type UnknownModel } from './unknown-models.ts';
import { ValueWriter } from './value-writer.ts';

/** Rows of one item, and about so many of one batch. */
export const ROWS_MAX = 32_768;

export interface IntakeOptions {
  readonly references: References;
  /** 64 bits that senders cannot know. */
  readonly hashSeed: HashSeed;
  readonly limits?: Partial<ModelLimits>;
  readonly mapping?: KeyMapping;
  readonly dedup?: Dedup;
}

export interface IntakeSnapshot {
  /** Row ids are keyed with it. */
  readonly idSeed: HashSeed;
  readonly dedup: DedupSnapshot;
}

/** What the sender of a request is told. */
export interface Taken {
  /** Spans or log records of which nothing was taken. */
  readonly rejectedItemCount: number;
  /** Observations, those of items that were taken in part included. */
  readonly rejectedCount: number;
  /** Printable ASCII. */
  readonly remark?: string;
  /** What waits for labels, and the labels that came. */
  readonly labels?: LabelWork;
}

export class Intake {
  readonly books = new Books();
  readonly #texts: Texts;
  readonly #roles: KeyRoles;
  readonly #models: Models;
  readonly #dedup: Dedup;
  readonly #found = new ItemAttributes();
  readonly #itemModel: ItemModel;
  #rowIds: RowIds;
  #idSeed: HashSeed;
  readonly #weights: RowWeights;
  readonly #writer: ValueWriter;
  readonly #packed: PackedRows;
  readonly #mapping: KeyMapping | undefined;
  /** Models that rows of the current request went to. */
  readonly #touched = new Set<ModelEntry>();
  #lastTouched: ModelEntry | undefined;
  readonly #labels: LabelRows;
  readonly #references: References;
  #unknownNameCount = 0;
  #rejectedCount = 0;
  #rejectedItemCount = 0;

  constructor(options: IntakeOptions) {
    this.#texts = new Texts(options.hashSeed);
    this.#references = options.references;
    this.#labels = new LabelRows(this.books);
    this.#roles = new KeyRoles(options.mapping);
    this.#models = new Models(options.references, { ...MODEL_LIMITS, ...options.limits }, this.#texts, this.books);
    this.#itemModel = new ItemModel(this.#texts, this.#models, options.mapping?.defaults);
    this.#dedup = options.dedup ?? new Dedup();
    this.#idSeed = options.hashSeed;
    this.#rowIds = new RowIds(this.#idSeed);
    this.#weights = new RowWeights(this.#texts, this.books);
    this.#writer = new ValueWriter(this.#texts);
    this.#packed = new PackedRows(this.#texts);
    this.#mapping = options.mapping;
  }

  /** Rows that were accepted and wait in a batch: 0 between requests. */
  get pendingCount(): number {
    let sum = 0;
    for (const { builder } of this.#touched) sum += builder?.rowCount ?? 0;
    return sum;
  }

  /** References changed: every model is resolved anew. */
  invalidate(nowMs: number): void {
    this.#models.invalidate(nowMs);
    this.#countUnknownNames();
  }

  /** Lets models go that have not been seen since then. */
  retire(beforeMs: number): Identity[] {
    const gone = this.#models.retire(beforeMs);
    if (gone.length > 0) this.#countUnknownNames();
    return gone;
  }

  unknownModels(): UnknownModel[] {
    const unknown: UnknownModel[] = [];
    for (const entry of this.#models.entries()) if (entry.unknown !== undefined) unknown.push(entry.unknown.view());
    return unknown;
  }

  /** Models that send features that their reference does not have. */
  ignoredFeatures(): ModelIgnoredFeatures[] {
    const found: ModelIgnoredFeatures[] = [];
    for (const { identity, builder } of this.#models.entries()) {
      const names = builder?.ignored.names ?? [];
      if (names.length > 0) found.push({ ...identity, featureNames: names });
    }
    return found;
  }

  /** What must survive a restart so that no row counts twice; books are the caller's. */
  snapshot(): IntakeSnapshot {
    return { idSeed: this.#idSeed, dedup: this.#dedup.snapshot() };
  }

  /** On an intake that took nothing yet. Models as they were, so that those without rows are retired in time. */
  restore(
    { idSeed, dedup }: IntakeSnapshot,
    books: BooksSnapshot,
    models: readonly (Identity & { readonly lastSeenMs: number })[],
  ): void {
    this.#idSeed = idSeed;
    this.#rowIds = new RowIds(idSeed);
    this.#dedup.restore(dedup);
    this.books.restore(books);
    for (const { environment, model, version, lastSeenMs } of models)
      this.#models.admit({ environment, model, version }, lastSeenMs);
  }

  /** How far back a duplicate is recognised, milliseconds. */
  dedupReachMs(nowMs: number): number {
    return this.#dedup.reachMs(nowMs);
  }

  /** Schemas of packed values that other shards learned. */
  learnSchemas(schemas: readonly (readonly string[])[]): void {
    for (const names of schemas) this.#packed.schemas.learn(names);
    this.#packed.schemas.takeFresh();
  }

  /** What was learned since the last call: names of columns, by schema. */
  takeFreshSchemas(): readonly (readonly string[])[] {
    return this.#packed.schemas.takeFresh();
  }

  /** Reads one request whole. */
  take(view: AttributeView, nowMs: number): Taken {
    this.#texts.startBatch();
    this.#dedup.startBatch(nowMs);
    const roles = this.#roles.update(view.keys);
    this.#itemModel.start();
    this.#touched.clear();
    this.#lastTouched = undefined;
    this.#rejectedCount = 0;
    this.#rejectedItemCount = 0;
    for (let item = 0; item < view.itemCount; item++) this.#takeItem(view, item, roles, nowMs);
    for (const entry of this.#touched) this.#deliver(view, entry, nowMs);
    this.books.overflow.texts = this.#texts.overflowCount;
    this.books.overflow.schemas = this.#packed.schemas.overflowCount;
    this.books.overflow.ids = this.#dedup.overflowCount;
    const remark = this.#remark(nowMs);
    const labels = this.#labels.take();
    return {
      rejectedCount: this.#rejectedCount,
      rejectedItemCount: this.#rejectedItemCount,
      ...(remark === undefined ? {} : { remark }),
      ...(labels === undefined ? {} : { labels }),
    };
  }

  #takeItem(view: AttributeView, item: number, roles: Uint8Array, nowMs: number): void {
    const start = view.itemStart[item];
    const end = view.itemStart[item + 1];
    const found = this.#found;
    found.find(view, start, end, roles);
    const count = view.itemObservationCount[item];
    if (count === 0) {
      if (found.groundTruth >= 0 || found.groundTruthValue >= 0) this.#takeTruth(view, item, roles);
      else this.books.ignored.no_values++;
      return;
    }
    if (view.itemDroppedCount[item] > 0) this.books.truncatedItems++;
    const entry = this.#destinationOf(view, item, roles, count, nowMs);
    if (typeof entry === 'string') this.#reject(entry, count);
    else this.#takeRows(view, item, entry, count, nowMs);
  }

  #takeTruth(view: AttributeView, item: number, roles: Uint8Array): void {
    const identity = this.#itemModel.identityOf(view, item, roles, this.#found);
    if (identity === undefined) this.books.ignored.ground_truth_no_model++;
    else if (!this.#references.takesLabels(identity.model)) this.books.ignored.ground_truth++;
    else this.#labels.addTruth(view, item, this.#found, identity);
  }

  /** The model that takes the item, or why none does. */
  #destinationOf(
    view: AttributeView,
    item: number,
    roles: Uint8Array,
    count: number,
    nowMs: number,
  ): ModelEntry | OutcomeReason {
    if (view.itemKind[item] === ITEM.logRecord && !this.#isPrediction(view, item)) return 'no_event_name';
    const entry = this.#itemModel.find(view, item, roles, this.#found, nowMs);
    if (typeof entry === 'string') {
      if (entry !== 'no_model_name') this.#models.countRefused(entry, count);
      return entry;
    }
    entry.lastSeenMs = nowMs;
    if (count > ROWS_MAX) return 'row_limit';
    // Without arrays every value is a single one.
    const isAligned =
      this.#found.arrayCount === 0 && this.#found.packedValues < 0
        ? count === 1
        : this.#writer.isAligned(view, view.itemStart[item], view.itemStart[item + 1], roles, count);
    if (!isAligned || !this.#areRowsAligned(view, count)) return 'shape';
    return this.#packed.fault(view, this.#found, entry, count) ?? entry;
  }

  #takeRows(view: AttributeView, item: number, entry: ModelEntry, count: number, nowMs: number): void {
    const { probability, row } = this.#found;
    const weight = this.#weights.weightOf(view, item, probability, count);
    if (weight > WEIGHT_MAX) {
      this.#reject('weight_limit', count);
      return;
    }
    const { newCount, keep } = this.#rowIds.select(view, item, row, count, this.#dedup);
    this.books.add('duplicate', 'duplicate', count - newCount);
    if (newCount === 0) return;
    const { builder } = entry;
    if (builder === undefined) {
      this.#noteUnknown(view, view.itemStart[item], view.itemStart[item + 1], entry, newCount, nowMs);
      return;
    }
    if (entry !== this.#lastTouched) {
      this.#lastTouched = entry;
      this.#touched.add(entry);
    }
    this.#writeRows(view, item, entry, builder, count, weight, keep);
    // Columns of a model are as long as its longest batch: a request of a million rows goes in pieces.
    if (builder.rowCount >= ROWS_MAX) this.#deliver(view, entry, nowMs);
  }

  /** The item as a whole. */
  #reject(reason: OutcomeReason, count: number): void {
    this.books.add('rejected', reason, count);
    this.#rejectedCount += count;
    this.#rejectedItemCount++;
  }

  /** Whether row numbers and event times, where they are arrays, are as long as the item's values. */
  #areRowsAligned(view: AttributeView, count: number): boolean {
    const { row, eventTime } = this.#found;
    if (row >= 0 && !isRowNumber(view, row, count)) return false;
    return eventTime < 0 || view.attributeType[eventTime] !== VALUE.array || view.attributeLength[eventTime] === count;
  }

  /** @param keep which of the item's rows are new; undefined for all of them */
  #writeRows(
    view: AttributeView,
    item: number,
    { target }: ModelEntry,
    builder: BatchBuilder,
    count: number,
    weight: number,
    keep: Uint8Array | undefined,
  ): void {
    const found = this.#found;
    const start = view.itemStart[item];
    const end = view.itemStart[item + 1];
    // What the sender's SDK dropped is unknown, not missing; a row that states nothing that the reference has says
    // nothing of its features: that is another schema, not a gap in the data.
    const saysFeatures =
      view.itemDroppedCount[item] === 0 &&
      (found.featureCount > 0 || found.missing >= 0 || found.packedValues >= 0) &&
      (this.#packed.statesFeature(builder) ||
        this.#writer.statesFeature(view, start, end, found.missing, this.#roles, builder));
    const first = builder.addRows(count, saysFeatures ? CELL.missing : CELL.absent, weight, item);
    this.#writer.writeTimes(view, found.eventTime, view.itemTimeMs[item], builder, first, count);
    if (found.missing >= 0) this.#writer.writeMissing(view, found.missing, builder, first, count);
    this.#writer.writeValues(view, start, end, this.#roles, builder, first, count);
    if (found.packedValues >= 0) this.#packed.write(view, found.packedValues, builder, first, count);
    if (target?.labels !== undefined)
      this.#labels.noteRows(view, item, found, this.#roles, target.labels, builder, first, count);
    if (keep !== undefined) builder.keepOnly(first, keep);
  }

  #deliver(view: AttributeView, { identity, target, builder }: ModelEntry, nowMs: number): void {
    if (target === undefined || builder === undefined) return;
    const { counted, late, future, noTime, overflow, refusedRows } = target.append(builder, nowMs);
    this.books.add('counted', 'reference', counted);
    this.books.add('late', 'late', late);
    this.books.add('rejected', 'future', future);
    this.books.add('rejected', 'no_time', noTime);
    this.books.add('rejected', 'pane_limit', overflow);
    this.books.ignoredValues.not_in_reference += builder.ignored.takeValueCount();
    if (refusedRows.length > 0) {
      this.#rejectedCount += refusedRows.length;
      this.#rejectedItemCount += builder.itemsWithin(refusedRows);
    }
    if (target.labels !== undefined) this.#labels.addPredictions(view, identity, target.labels, builder, refusedRows);
    builder.clear();
  }

  /** On the first model that sends what its reference does not have, if its sender was not told lately. */
  #remark(nowMs: number): string | undefined {
    for (const { builder, identity } of this.#touched) {
      if (builder?.ignored.isFresh !== true) continue;
      builder.ignored.isFresh = false;
      const remark = builder.ignored.remark(identity.model, nowMs);
      if (remark !== undefined) return remark;
    }
    return undefined;
  }

  #isPrediction(view: AttributeView, item: number): boolean {
    const event = view.itemEvent[item];
    if (event >= 0) return this.#isPredictionName(view.keys.textAt(event));
    const id = this.#textIdAt(view, this.#found.eventName);
    return id >= 0 && this.#isPredictionName(this.#texts.textAt(id));
  }

  #isPredictionName(name: string): boolean {
    return name === EVENT_ML_PREDICTION || this.#mapping?.events.has(name) === true;
  }

  #noteUnknown(view: AttributeView, start: number, end: number, entry: ModelEntry, count: number, nowMs: number): void {
    this.books.add('counted', 'no_reference', count);
    const { unknown } = entry;
    if (unknown === undefined) return;
    unknown.count(count, nowMs);
    const name = (key: number) => this.#roles.nameAt(key);
    for (let a = start; a < end; a++) {
      const key = view.attributeKey[a];
      if (this.#roles.roleAt(key) !== ROLE.feature) continue;
      const noted =
        this.#unknownNameCount < FEATURE_NAMES_TOTAL_MAX ? unknown.note(key, this.#roles.generation, name) : 'full';
      if (noted === 'added') this.#unknownNameCount++;
      if (noted === 'full') this.books.overflow.feature_names++;
    }
    const room = FEATURE_NAMES_TOTAL_MAX - this.#unknownNameCount;
    const { added, refused } = unknown.noteNames(this.#packed.names, room);
    this.#unknownNameCount += added;
    this.books.overflow.feature_names += refused;
  }

  #countUnknownNames(): void {
    this.#unknownNameCount = 0;
    for (const { unknown } of this.#models.entries()) this.#unknownNameCount += unknown?.nameCount ?? 0;
  }

  #textIdAt(view: AttributeView, attribute: number): number {
    if (attribute < 0 || view.attributeType[attribute] !== VALUE.text) return -1;
    const { attributeNumber, attributeLength } = view;
    return this.#texts.idLike(-1, view.bytes, attributeNumber[attribute], attributeLength[attribute], view.view);
  }
}
