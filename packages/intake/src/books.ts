/**
 * Where every observation went. Received is not counted here: it is what the scanner counted, before anything could lose
 * one, and in flight is what waits in the batches.
 *
 * Law, asserted at the end of every end-to-end test: received = counted + duplicate + late + rejected + quarantined +
 * lost + in flight.
 */

/** `lost`: acknowledged, and its outcome died with a worker. */
export const OUTCOMES = ['counted', 'duplicate', 'late', 'rejected', 'quarantined', 'lost'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why; `reference` and `no_reference` say under what a counted one was counted. */
export const OUTCOME_REASONS = [
  'reference',
  'no_reference',
  'duplicate',
  'late',
  'future',
  'no_time',
  'no_model_name',
  'no_event_name',
  'shape',
  'unknown_schema',
  'row_limit',
  'pane_limit',
  'environment_limit',
  'model_limit',
  'version_limit',
  'weight_limit',
  'worker_crash',
] as const;
export type OutcomeReason = (typeof OUTCOME_REASONS)[number];

/** Items that are no observation. */
export const IGNORED_REASONS = [
  'no_values',
  /** Truths of models that nobody labels, or with labels off. */
  'ground_truth',
  'ground_truth_no_id',
  'ground_truth_no_truth',
  'ground_truth_no_model',
] as const;
export type IgnoredReason = (typeof IGNORED_REASONS)[number];

/** Why the sampling of an observation, or a part of it, is not in its weight. */
export const UNWEIGHTED_REASONS = ['not_stated', 'invalid_probability', 'invalid_threshold'] as const;
export type UnweightedReason = (typeof UNWEIGHTED_REASONS)[number];

/** Why a value counts nowhere. */
export const IGNORED_VALUE_REASONS = ['not_in_reference'] as const;
export type IgnoredValueReason = (typeof IGNORED_VALUE_REASONS)[number];

export const CAPS = ['environments', 'models', 'versions', 'feature_names', 'texts', 'keys', 'ids', 'schemas'] as const;
export type Cap = (typeof CAPS)[number];

export interface BooksEntry {
  readonly outcome: Outcome;
  readonly reason: OutcomeReason;
  readonly count: number;
}

export interface BooksSnapshot {
  readonly received: number;
  readonly processed: readonly BooksEntry[];
  readonly inFlight: number;
  readonly unweighted: Readonly<Record<UnweightedReason, number>>;
  readonly ignoredValues: Readonly<Record<IgnoredValueReason, number>>;
  readonly truncatedItems: number;
  readonly ignored: Readonly<Record<IgnoredReason, number>>;
  readonly overflow: Readonly<Record<Cap, number>>;
}

export class Books {
  readonly unweighted: Record<UnweightedReason, number> = zeros(UNWEIGHTED_REASONS);
  readonly ignoredValues: Record<IgnoredValueReason, number> = zeros(IGNORED_VALUE_REASONS);
  /** Items whose sender dropped attributes. */
  truncatedItems = 0;
  readonly ignored: Record<IgnoredReason, number> = zeros(IGNORED_REASONS);
  readonly overflow: Record<Cap, number> = zeros(CAPS);
  readonly #processed = new Map<string, { outcome: Outcome; reason: OutcomeReason; count: number }>();

  add(outcome: Outcome, reason: OutcomeReason, count: number): void {
    if (count === 0) return;
    const key = `${outcome} ${reason}`;
    const entry = this.#processed.get(key);
    if (entry === undefined) this.#processed.set(key, { outcome, reason, count });
    else entry.count += count;
  }

  /** Goes on from there; what was received and in flight is kept elsewhere. */
  restore(snapshot: BooksSnapshot): void {
    this.#processed.clear();
    for (const { outcome, reason, count } of snapshot.processed) this.add(outcome, reason, count);
    Object.assign(this.unweighted, snapshot.unweighted);
    Object.assign(this.ignoredValues, snapshot.ignoredValues);
    Object.assign(this.ignored, snapshot.ignored);
    Object.assign(this.overflow, snapshot.overflow);
    this.truncatedItems = snapshot.truncatedItems;
  }

  /** @param received by the scanner; `inFlight` of those that wait in batches */
  snapshot(received: number, inFlight: number): BooksSnapshot {
    return {
      received,
      processed: [...this.#processed.values()].map((entry) => ({ ...entry })),
      inFlight,
      unweighted: { ...this.unweighted },
      ignoredValues: { ...this.ignoredValues },
      truncatedItems: this.truncatedItems,
      ignored: { ...this.ignored },
      overflow: { ...this.overflow },
    };
  }
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

/** Of several shards, or of one before and after it was started anew. */
export function addBooks(a: BooksSnapshot, b: BooksSnapshot): BooksSnapshot {
  const processed = a.processed.map((entry) => ({ ...entry }));
  for (const entry of b.processed) {
    const same = processed.find(({ outcome, reason }) => outcome === entry.outcome && reason === entry.reason);
    if (same === undefined) processed.push({ ...entry });
    else same.count += entry.count;
  }
  return {
    received: a.received + b.received,
    processed,
    inFlight: a.inFlight + b.inFlight,
    unweighted: addCounts(a.unweighted, b.unweighted),
    ignoredValues: addCounts(a.ignoredValues, b.ignoredValues),
    truncatedItems: a.truncatedItems + b.truncatedItems,
    ignored: addCounts(a.ignored, b.ignored),
    overflow: addCounts(a.overflow, b.overflow),
  };
}

function addCounts<K extends string>(
  a: Readonly<Record<K, number>>,
  b: Readonly<Record<K, number>>,
): Record<K, number> {
  return Object.fromEntries(Object.keys(a).map((key) => [key, a[key as K] + b[key as K]])) as Record<K, number>;
}
