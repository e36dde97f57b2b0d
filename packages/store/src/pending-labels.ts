/**
 * Predictions that wait for their labels, and labels that wait for their predictions.
 *
 * Invariants
 * 1. Labels taken = matched + duplicate + corrected + late + unmatched + evicted + those that wait.
 * 2. Predictions taken = labelled + expired + evicted + those that wait.
 * 3. A batch is one transaction: what was taken in is in the file when the call returns, whole or not at all. A call that
 *    throws has changed nothing.
 * 4. A label meets its prediction once. A later label with another truth corrects it, and tells what it replaces.
 * 5. A label that names no version is of every version that predicted under its id: a champion and its shadow. One that
 *    waits meets the first of them.
 */
import { randomBytes } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import { type Database, openDatabase } from './database.ts';
import { LABEL_COUNTS, type LabelCounts, noCounts } from './label-counts.ts';
import { type KeySeeds, LabelKeys } from './label-key.ts';
import { type SliceRow, Slices } from './slices.ts';
import { isSame, numberOf, numberOrNull, numbersOf, outcomeOf, setTruth, textOf, truthOf } from './stored-values.ts';
import { Versions } from './versions.ts';

export interface PendingLabelOptions {
  /** File, or `:memory:`. */
  readonly path: string;
  /** How long a prediction waits for its label: days, mostly. */
  readonly ttlMs: number;
  /** How long a label waits for its prediction. Default one hour, at most `ttlMs`. */
  readonly labelWaitMs?: number;
  /** Predictions that are kept at most; beyond, the oldest are dropped. Default 10,000,000. */
  readonly rowsMax?: number;
  /** Of the file, about. Default 4 GiB. */
  readonly bytesMax?: number;
}

/** Predictions of one model; columns of one length. */
export interface PredictionBatch {
  /** Environment and name, as one text. */
  readonly model: string;
  /** A name under which labels may wait whose sender did not know the whole one. */
  readonly labelledAs?: string | undefined;
  readonly version: string;
  readonly inferenceIds: readonly string[];
  /** Row within its request. */
  readonly rows: ArrayLike<number>;
  readonly labels?: readonly (string | undefined)[] | undefined;
  /** NaN where there is none. */
  readonly values?: ArrayLike<number> | undefined;
  /** Probabilities, a column a class. */
  readonly scores?: readonly ArrayLike<number>[] | undefined;
  /** Default 1. */
  readonly weights?: ArrayLike<number> | undefined;
  /** Unix milliseconds. */
  readonly eventMs: ArrayLike<number>;
}

/** Labels of one model. */
export interface LabelBatch {
  /** Where they wait. */
  readonly model: string;
  /** Further names under which their predictions may be. */
  readonly others?: readonly string[] | undefined;
  /** Undefined where whoever knows the truth does not know who predicted. */
  readonly version?: string | undefined;
  readonly inferenceIds: readonly string[];
  readonly rows: ArrayLike<number>;
  readonly labels?: readonly (string | undefined)[] | undefined;
  readonly values?: ArrayLike<number> | undefined;
  /** Times of the predictions, where the sender knows them; NaN where not. */
  readonly eventMs?: ArrayLike<number> | undefined;
}

export interface LabelledOutcome {
  readonly model: string;
  readonly version: string;
  /** What was predicted. */
  readonly label: string | undefined;
  readonly value: number;
  readonly scores: Float64Array;
  readonly weight: number;
  readonly eventMs: number;
  /** What was true, and when that was learned. */
  readonly truth: Truth;
  readonly arrivedMs: number;
  /** The truth that this one takes the place of. */
  readonly replaced?: Truth;
}

export interface Truth {
  readonly label: string | undefined;
  /** NaN where there is none. */
  readonly value: number;
}

/** What a label did, the most first: it may meet several predictions and is counted once. */
const MET = ['matched', 'corrected', 'duplicate'] as const;
type Met = (typeof MET)[number];

const SLICE_COUNT = 16;
const HOUR_MS = 3_600_000;
const CACHE_KIB = 8_192;
const VERSION = 1;
const SEED_BYTES = 24;

export class PendingLabels {
  readonly #db: Database;
  readonly #options: Required<PendingLabelOptions>;
  readonly #keys: LabelKeys;
  readonly #predictions: Slices;
  readonly #labels: Slices;
  readonly #versions: Versions;
  readonly #writeFact: StatementSync;
  readonly #counts = noCounts();
  #written: LabelCounts = noCounts();

  /** @throws Error when the file cannot be opened, or was written by a later version */
  constructor(options: PendingLabelOptions) {
    const { path, ttlMs, rowsMax = 10_000_000, bytesMax = 4 * 2 ** 30 } = options;
    const labelWaitMs = Math.min(options.labelWaitMs ?? HOUR_MS, ttlMs);
    if (!(ttlMs > 0 && labelWaitMs > 0 && rowsMax >= SLICE_COUNT && bytesMax > 0))
      throw new RangeError(`ttlMs ${ttlMs}, labelWaitMs ${labelWaitMs}, rowsMax ${rowsMax}, bytesMax ${bytesMax}`);
    this.#options = { path, ttlMs, labelWaitMs, rowsMax, bytesMax };
    const db = openDatabase(path);
    this.#db = db;
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${CACHE_KIB}`);
    db.exec('CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT)');
    this.#writeFact = db.prepare(
      'INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    );
    this.#keys = new LabelKeys(this.#openSeeds());
    this.#readCounts();
    const sliceRows = Math.ceil(rowsMax / SLICE_COUNT);
    this.#predictions = new Slices(db, 'predictions', sliceRows, ttlMs / SLICE_COUNT);
    this.#labels = new Slices(db, 'labels', sliceRows, labelWaitMs / SLICE_COUNT);
    this.#versions = new Versions(db, ttlMs / SLICE_COUNT);
  }

  /** Predictions without a label, and labels without a prediction. */
  get waiting(): { readonly predictions: number; readonly labels: number } {
    return { predictions: this.#predictions.openCount, labels: this.#labels.openCount };
  }

  /** Names under which predictions are. */
  get models(): readonly string[] {
    return this.#versions.models;
  }

  get counts(): LabelCounts {
    return { ...this.#counts };
  }

  /** @returns the outcomes of labels that were waiting for these predictions */
  addPredictions(batch: PredictionBatch, nowMs: number): LabelledOutcome[] {
    return this.#inTransaction(nowMs, () => {
      const outcomes: LabelledOutcome[] = [];
      if (batch.inferenceIds.length > 0) this.#versions.note(batch.model, batch.version, nowMs);
      for (let i = 0; i < batch.inferenceIds.length; i++) {
        const outcome = this.#addPrediction(batch, i, nowMs);
        if (outcome !== undefined) outcomes.push(outcome);
      }
      return outcomes;
    });
  }

  /** @returns the outcomes of the predictions that these are of, corrections among them */
  addLabels(batch: LabelBatch, nowMs: number): LabelledOutcome[] {
    return this.#inTransaction(nowMs, () => {
      const outcomes: LabelledOutcome[] = [];
      for (let i = 0; i < batch.inferenceIds.length; i++) {
        const truth = { label: batch.labels?.[i], value: batch.values?.[i] ?? Number.NaN };
        this.#addLabel(batch, i, truth, nowMs, outcomes);
      }
      return outcomes;
    });
  }

  /** Lets go of what has waited long enough. */
  expire(nowMs: number): void {
    this.#inTransaction(nowMs, () => undefined);
  }

  close(): void {
    this.#db.close();
  }

  #addPrediction(batch: PredictionBatch, i: number, nowMs: number): LabelledOutcome | undefined {
    const { model, version } = batch;
    this.#keys.of(model, version, batch.inferenceIds[i], batch.rows[i]);
    const { key, check } = this.#keys;
    const slice = this.#predictions.current(nowMs);
    const numbers = numbersOf(batch, i);
    const label = batch.labels?.[i];
    const bytes = new Uint8Array(numbers.buffer);
    const { changes } = slice.insert.run(key, check, label ?? null, bytes, null, null, 0);
    if (Number(changes) === 0) {
      this.#counts.duplicatePredictions++;
      return undefined;
    }
    this.#counts.predictions++;
    slice.count++;
    slice.openCount++;
    this.#predictions.noteChange(slice);
    const waiting = this.#waitingLabel(batch, i);
    if (waiting === undefined) return undefined;
    this.#labels.noteChange(waiting.slice);
    waiting.slice.remove.run(this.#keys.key);
    waiting.slice.count--;
    waiting.slice.openCount--;
    const truth = { label: textOf(waiting.row.label), value: numberOf(waiting.row.value) };
    setTruth(slice, key, truth);
    slice.openCount--;
    this.#counts.matched++;
    this.#counts.labelled++;
    return { ...outcomeOf(model, version, label, numbers), truth, arrivedMs: Number(waiting.row.arrived_ms) };
  }

  /** Of this version, or of any. The keys are then those of the label. */
  #waitingLabel(batch: PredictionBatch, i: number): SliceRow | undefined {
    if (this.#labels.openCount === 0) return undefined;
    const { model, labelledAs, version, inferenceIds, rows } = batch;
    for (const name of labelledAs === undefined ? [model] : [model, labelledAs]) {
      for (const one of [version, undefined]) {
        this.#keys.of(name, one, inferenceIds[i], rows[i]);
        const found = this.#labels.find(this.#keys.key, this.#keys.check);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #addLabel(batch: LabelBatch, i: number, truth: Truth, nowMs: number, outcomes: LabelledOutcome[]): void {
    const { model, others = [], version, inferenceIds, rows } = batch;
    let met: Met | undefined;
    for (const name of [model, ...others]) {
      for (const one of version === undefined ? this.#versions.of(name) : [version]) {
        this.#keys.of(name, one, inferenceIds[i], rows[i]);
        const found = this.#predictions.find(this.#keys.key, this.#keys.check);
        if (found === undefined) continue;
        const how = this.#meet(found, truth);
        if (met === undefined || MET.indexOf(how) < MET.indexOf(met)) met = how;
        if (how === 'duplicate') continue;
        const { row } = found;
        const numbers = new Float64Array((row.numbers as Uint8Array).slice().buffer);
        const outcome = { ...outcomeOf(name, one, textOf(row.label), numbers), truth, arrivedMs: nowMs };
        outcomes.push(how === 'matched' ? outcome : { ...outcome, replaced: truthOf(row) });
      }
    }
    if (met !== undefined) this.#counts[met]++;
    else if ((batch.eventMs?.[i] ?? Number.NaN) < nowMs - this.#options.ttlMs) this.#counts.late++;
    else {
      this.#keys.of(model, version, inferenceIds[i], rows[i]);
      this.#wait(truth, nowMs);
    }
  }

  /** The truth of a prediction, for the first time or in place of another. */
  #meet({ slice, row }: SliceRow, truth: Truth): Met {
    const isFirst = Number(row.is_labelled) === 0;
    if (!isFirst && isSame(truthOf(row), truth)) return 'duplicate';
    setTruth(slice, this.#keys.key, truth);
    this.#predictions.noteChange(slice);
    if (!isFirst) return 'corrected';
    slice.openCount--;
    this.#counts.labelled++;
    return 'matched';
  }

  /** A label that came before its prediction, or whose prediction will never come. */
  #wait(truth: Truth, nowMs: number): void {
    const { key, check } = this.#keys;
    const found = this.#labels.openCount > 0 ? this.#labels.find(key, check) : undefined;
    if (found !== undefined) {
      const before = { label: textOf(found.row.label), value: numberOf(found.row.value) };
      if (isSame(before, truth)) this.#counts.duplicate++;
      else {
        this.#counts.corrected++;
        found.slice.update.run(truth.label ?? null, numberOrNull(truth.value), key);
      }
      return;
    }
    const slice = this.#labels.current(nowMs);
    const { changes } = slice.insert.run(key, check, truth.label ?? null, numberOrNull(truth.value), nowMs);
    if (Number(changes) === 0) {
      this.#counts.evictedLabels++;
      return;
    }
    slice.count++;
    slice.openCount++;
    this.#labels.noteChange(slice);
  }

  #inTransaction<T>(nowMs: number, work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#letGo(nowMs);
      this.#predictions.writeCounts();
      this.#labels.writeCounts();
      this.#writeCounts();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk, say. What is in memory is what is in the file again.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      this.#predictions.read();
      this.#labels.read();
      this.#versions.read();
      this.#readCounts();
      throw error;
    }
  }

  #letGo(nowMs: number): void {
    const { ttlMs, labelWaitMs, rowsMax, bytesMax } = this.#options;
    this.#counts.expired += this.#predictions.dropBefore(nowMs - ttlMs);
    this.#versions.dropBefore(nowMs - ttlMs);
    this.#counts.unmatched += this.#labels.dropBefore(nowMs - labelWaitMs);
    while (this.#labels.rowCount > rowsMax) this.#counts.evictedLabels += this.#labels.dropOldest();
    while (this.#predictions.rowCount > rowsMax) this.#counts.evicted += this.#predictions.dropOldest();
    while (this.#predictions.sliceCount > 1 && this.#usedBytes() > bytesMax)
      this.#counts.evicted += this.#predictions.dropOldest();
  }

  #usedBytes(): number {
    const pragma = (name: string) => Number(Object.values(this.#db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  }

  #facts(): Map<string, string> {
    const rows = this.#db.prepare('SELECT name, value FROM facts').all();
    return new Map(rows.map(({ name, value }) => [String(name), String(value)]));
  }

  #openSeeds(): KeySeeds {
    const facts = this.#facts();
    const version = Number(facts.get('version') ?? VERSION);
    if (version > VERSION)
      throw new Error(
        `${this.#options.path}: was written by a later version of Leeway (${version}): use that, or another file`,
      );
    const words = facts.get('seeds')?.split(',').map(Number) ?? [
      ...new Int32Array(Uint8Array.from(randomBytes(SEED_BYTES)).buffer),
    ];
    this.#writeFact.run('version', String(VERSION));
    this.#writeFact.run('seeds', words.join());
    const [a, b, c, d, e, f] = words;
    return [
      [a, b],
      [c, d],
      [e, f],
    ];
  }

  #readCounts(): void {
    const facts = this.#facts();
    for (const name of LABEL_COUNTS) this.#counts[name] = Number(facts.get(name) ?? 0);
    this.#written = { ...this.#counts };
  }

  #writeCounts(): void {
    for (const name of LABEL_COUNTS)
      if (this.#counts[name] !== this.#written[name]) this.#writeFact.run(name, String(this.#counts[name]));
    this.#written = { ...this.#counts };
  }
}
