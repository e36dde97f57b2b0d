/**
 * Attribute views in, rows of models out. Every observation that comes in is booked under one outcome.
 *
 * Invariants
 * 1. Received is what the scanner counted; after every `take`, received = the sum of all outcomes.
 * 2. A row is taken once, whichever carrier brought it: (trace id, span id, row) is its identity. A row without a span
 *    context has none, and is always taken.
 * 3. An item is taken whole or rejected whole: columns of one batch that differ in length mean nothing.
 */
import { CELL } from '@leeway/engine';
import { EVENT_ML_PREDICTION } from '@leeway/semconv';
import { type AttributeView, ITEM, VALUE } from './attribute-view.ts';
import type { BatchBuilder } from './batch-builder.ts';
import { Books } from './books.ts';
import { Dedup } from './dedup.ts';
import { ItemAttributes } from './item-attributes.ts';
import { KeyRoles } from './key-roles.ts';
import type { KeyMapping } from './mapping.ts';
import { MODEL_LIMITS, type ModelEntry, type ModelLimits, Models, type Resolve } from './models.ts';
import { PackedRows } from './packed-rows.ts';
import { ROLE } from './roles.ts';
import { RowIds } from './row-ids.ts';
import { Texts } from './texts.ts';
import { adjustedCount } from './trace-state.ts';
import { FEATURE_NAMES_TOTAL_MAX, type Identity, type UnknownModel } from './unknown-models.ts';
import { ValueWriter } from './value-writer.ts';

const encoder = new TextEncoder();

/** Rows of one item, and about so many of one batch. */
export const ROWS_MAX = 32_768;

export interface IntakeOptions {
  readonly resolve: Resolve;
  readonly limits?: Partial<ModelLimits>;
  readonly mapping?: KeyMapping;
  readonly dedup?: Dedup;
}

export class Intake {
  readonly books = new Books();
  readonly #texts = new Texts();
  readonly #roles: KeyRoles;
  readonly #models: Models;
  readonly #dedup: Dedup;
  readonly #found = new ItemAttributes();
  readonly #ofResource = new ItemAttributes();
  readonly #rowIds = new RowIds();
  readonly #writer: ValueWriter;
  readonly #packed: PackedRows;
  readonly #mapping: KeyMapping | undefined;
  /** Models that rows of the current request went to. */
  readonly #touched = new Set<ModelEntry>();
  #lastTouched: ModelEntry | undefined;
  /** Adjusted count by the tracestate's text id. */
  readonly #adjusted = new Map<number, number>();
  #adjustedGeneration = -1;
  #resource = -1;
  #unknownNameCount = 0;
  /** Model of the item before, by text ids: the next one's is mostly the same. Forgotten with every request. */
  readonly #last: { environment: number; model: number; version: number; entry: ModelEntry | null } = {
    environment: -1,
    model: -1,
    version: -1,
    entry: null,
  };

  constructor(options: IntakeOptions) {
    this.#roles = new KeyRoles(options.mapping);
    this.#models = new Models(options.resolve, { ...MODEL_LIMITS, ...options.limits }, this.#texts, this.books);
    this.#dedup = options.dedup ?? new Dedup();
    this.#writer = new ValueWriter(this.#texts);
    this.#packed = new PackedRows(this.#texts);
    this.#mapping = options.mapping;
  }

  /** References changed: every model is resolved anew. */
  invalidate(nowMs: number): void {
    this.#models.invalidate(nowMs);
  }

  /** Lets models go that have not been seen since then. */
  retire(beforeMs: number): Identity[] {
    return this.#models.retire(beforeMs);
  }

  unknownModels(): UnknownModel[] {
    const unknown: UnknownModel[] = [];
    for (const entry of this.#models.entries()) if (entry.unknown !== undefined) unknown.push(entry.unknown.view());
    return unknown;
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

  /** Reads one request whole. Returns how many observations were rejected. */
  take(view: AttributeView, nowMs: number): number {
    this.#texts.startBatch();
    this.#dedup.startBatch(nowMs);
    if (this.#texts.generation !== this.#adjustedGeneration) {
      this.#adjustedGeneration = this.#texts.generation;
      this.#adjusted.clear();
    }
    const roles = this.#roles.update(view.keys);
    this.#resource = -1;
    this.#last.entry = null;
    this.#touched.clear();
    this.#lastTouched = undefined;
    let rejected = 0;
    for (let item = 0; item < view.itemCount; item++) rejected += this.#takeItem(view, item, roles, nowMs);
    for (const entry of this.#touched) rejected += this.#deliver(entry, nowMs);
    this.books.overflow.texts = this.#texts.overflowCount;
    this.books.overflow.schemas = this.#packed.schemas.overflowCount;
    return rejected;
  }

  /** Returns how many of the item's observations were rejected. */
  #takeItem(view: AttributeView, item: number, roles: Uint8Array, nowMs: number): number {
    const start = view.itemStart[item];
    const end = view.itemStart[item + 1];
    const found = this.#found;
    found.find(view, start, end, roles);
    const count = view.itemObservationCount[item];
    if (count === 0) {
      this.books.ignored[found.groundTruth >= 0 ? 'ground_truth' : 'no_values']++;
      return 0;
    }
    this.books.received += count;
    if (view.itemDroppedCount[item] > 0) this.books.truncatedItems++;
    if (view.itemKind[item] === ITEM.logRecord && !this.#isPrediction(view, item)) {
      this.books.add('rejected', 'no_event_name', count);
      return count;
    }
    const entry = this.#entryOf(view, item, roles, nowMs);
    if (typeof entry === 'string') {
      this.books.add('rejected', entry, count);
      return count;
    }
    entry.lastSeenMs = nowMs;
    if (count > ROWS_MAX) {
      this.books.add('rejected', 'row_limit', count);
      return count;
    }
    // Without arrays every value is a single one.
    const isSingle = found.arrayCount === 0 && found.packedValues < 0;
    const isAligned = isSingle ? count === 1 : this.#writer.isAligned(view, start, end, roles, count);
    const fault = isAligned ? this.#packed.fault(view, found, entry, count) : 'shape';
    if (fault !== undefined) {
      this.books.add('rejected', fault, count);
      return count;
    }
    const rows = this.#rowIds.select(view, item, found.row, count, this.#dedup);
    this.books.add('duplicate', 'duplicate', count - rows.newCount);
    if (rows.newCount === 0) return 0;
    if (entry.builder === undefined) {
      this.#noteUnknown(view, start, end, entry, rows.newCount, nowMs);
      return 0;
    }
    if (entry !== this.#lastTouched) {
      this.#lastTouched = entry;
      this.#touched.add(entry);
    }
    this.#writeRows(view, item, entry.builder, count, rows.keep);
    // Columns of a model are as long as its longest batch: a request of a million rows goes in pieces.
    return entry.builder.rowCount >= ROWS_MAX ? this.#deliver(entry, nowMs) : 0;
  }

  /** @param keep which of the item's rows are new; undefined for all of them */
  #writeRows(
    view: AttributeView,
    item: number,
    builder: BatchBuilder,
    count: number,
    keep: Uint8Array | undefined,
  ): void {
    const found = this.#found;
    // What the sender's SDK dropped is unknown, not missing; a row of outputs only says nothing of features.
    const saysFeatures =
      (found.featureCount > 0 || found.missing >= 0 || found.packedValues >= 0) && view.itemDroppedCount[item] === 0;
    const first = builder.addRows(count, saysFeatures ? CELL.missing : CELL.absent);
    const weight = this.#weightOf(view, item, count);
    if (count === 1) builder.weights[first] = weight;
    else builder.weights.fill(weight, first, first + count);
    this.#writer.writeTimes(view, found.eventTime, view.itemTimeMs[item], builder, first, count);
    if (found.missing >= 0) this.#writer.writeMissing(view, found.missing, builder, first, count);
    this.#writer.writeValues(view, view.itemStart[item], view.itemStart[item + 1], this.#roles, builder, first, count);
    if (found.packedValues >= 0) this.#packed.write(view, found.packedValues, builder, first, count);
    if (keep !== undefined) builder.keepOnly(first, keep);
  }

  #deliver({ target, builder }: ModelEntry, nowMs: number): number {
    if (target === undefined || builder === undefined) return 0;
    const { counted, late, future, overflow } = target.append(builder, nowMs);
    builder.clear();
    this.books.add('counted', 'reference', counted);
    this.books.add('late', 'late', late);
    this.books.add('rejected', 'future', future);
    this.books.add('rejected', 'pane_limit', overflow);
    return future + overflow;
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

  /** The item's model, or the reason why it has none. */
  #entryOf(
    view: AttributeView,
    item: number,
    roles: Uint8Array,
    nowMs: number,
  ): ModelEntry | 'no_model_name' | 'model_limit' {
    const resource = view.itemResource[item];
    const ofResource = this.#ofResource;
    if (resource !== this.#resource) {
      this.#resource = resource;
      ofResource.find(view, view.resourceStart[resource], view.resourceStart[resource + 1], roles);
    }
    const found = this.#found;
    const last = this.#last;
    const defaults = this.#mapping?.defaults;
    const model = this.#identityAt(view, modelOf(found), modelOf(ofResource), last.model, defaults?.model);
    if (model < 0) return 'no_model_name';
    const version = this.#identityAt(view, versionOf(found), versionOf(ofResource), last.version, defaults?.version);
    const environment = this.#identityAt(
      view,
      environmentOf(found),
      environmentOf(ofResource),
      last.environment,
      defaults?.environment,
    );
    if (model !== last.model || version !== last.version || environment !== last.environment || last.entry === null) {
      last.model = model;
      last.version = version;
      last.environment = environment;
      last.entry = this.#models.entryOf(environment, model, version, nowMs);
    }
    return last.entry ?? 'model_limit';
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

  /** 1 / capture probability × the adjusted count of the trace's sampling: two independent stages. */
  #weightOf(view: AttributeView, item: number, count: number): number {
    const { probability } = this.#found;
    let weight = 0;
    if (probability >= 0 && view.attributeType[probability] === VALUE.number) {
      const value = view.attributeNumber[probability];
      if (value > 0 && value <= 1) weight = 1 / value;
    }
    const adjusted = this.#adjustedCount(view, item);
    if (weight === 0 && adjusted === 0) {
      this.books.unweighted += count;
      return 1;
    }
    return (weight === 0 ? 1 : weight) * (adjusted === 0 ? 1 : adjusted);
  }

  #adjustedCount(view: AttributeView, item: number): number {
    const length = view.itemTraceStateLength[item];
    if (length === 0) return 0;
    const id = this.#texts.idOf(view.bytes, view.itemTraceStateOffset[item], length);
    if (id < 0) return 0;
    const known = this.#adjusted.get(id);
    if (known !== undefined) return known;
    const count = adjustedCount(this.#texts.textAt(id));
    this.#adjusted.set(id, count);
    return count;
  }

  /** The item's own attribute, else the resource's, else the default; −1 where none says. */
  #identityAt(view: AttributeView, own: number, ofResource: number, guess: number, fallback = ''): number {
    const id = this.#textIdAt(view, own >= 0 ? own : ofResource, guess);
    if (id >= 0 || fallback === '') return id;
    const bytes = encoder.encode(fallback);
    return this.#texts.idOf(bytes, 0, bytes.length);
  }

  #textIdAt(view: AttributeView, attribute: number, guess = -1): number {
    if (attribute < 0 || view.attributeType[attribute] !== VALUE.text) return -1;
    const { attributeNumber, attributeLength } = view;
    return this.#texts.idLike(guess, view.bytes, attributeNumber[attribute], attributeLength[attribute], view.view);
  }
}

/** A name of ours goes before a mapped one. */
const modelOf = ({ model, mappedModel }: ItemAttributes) => (model >= 0 ? model : mappedModel);
const versionOf = ({ version, mappedVersion }: ItemAttributes) => (version >= 0 ? version : mappedVersion);
const environmentOf = ({ environment, mappedEnvironment }: ItemAttributes) =>
  environment >= 0 ? environment : mappedEnvironment;
