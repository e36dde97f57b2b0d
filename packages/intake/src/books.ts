/**
 * Where every observation went. Received is what the scanner counted, before anything here could lose one.
 *
 * Law, asserted at the end of every end-to-end test: received = counted + duplicate + late + rejected + quarantined +
 * in flight.
 */

export const OUTCOMES = ['counted', 'duplicate', 'late', 'rejected', 'quarantined'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why; `reference` and `no_reference` say under what a counted one was counted. */
export const OUTCOME_REASONS = [
  'reference',
  'no_reference',
  'duplicate',
  'late',
  'future',
  'no_model_name',
  'no_event_name',
  'shape',
  'unknown_schema',
  'row_limit',
  'pane_limit',
  'model_limit',
] as const;
export type OutcomeReason = (typeof OUTCOME_REASONS)[number];

/** Items that are no observation. */
export const IGNORED_REASONS = ['no_values', 'ground_truth'] as const;
export type IgnoredReason = (typeof IGNORED_REASONS)[number];

export const CAPS = ['environments', 'models', 'versions', 'feature_names', 'texts', 'keys', 'schemas'] as const;
export type Cap = (typeof CAPS)[number];

export interface BooksSnapshot {
  readonly received: number;
  readonly processed: readonly { readonly outcome: Outcome; readonly reason: OutcomeReason; readonly count: number }[];
  readonly unweighted: number;
  readonly truncatedItems: number;
  readonly ignored: Readonly<Record<IgnoredReason, number>>;
  readonly overflow: Readonly<Record<Cap, number>>;
}

export class Books {
  received = 0;
  unweighted = 0;
  /** Items whose sender dropped attributes. */
  truncatedItems = 0;
  readonly ignored: Record<IgnoredReason, number> = { no_values: 0, ground_truth: 0 };
  readonly overflow: Record<Cap, number> = {
    environments: 0,
    models: 0,
    versions: 0,
    feature_names: 0,
    texts: 0,
    keys: 0,
    schemas: 0,
  };
  readonly #processed = new Map<string, { outcome: Outcome; reason: OutcomeReason; count: number }>();

  add(outcome: Outcome, reason: OutcomeReason, count: number): void {
    if (count === 0) return;
    const key = `${outcome} ${reason}`;
    const entry = this.#processed.get(key);
    if (entry === undefined) this.#processed.set(key, { outcome, reason, count });
    else entry.count += count;
  }

  get processed(): number {
    let sum = 0;
    for (const { count } of this.#processed.values()) sum += count;
    return sum;
  }

  /** Received and not yet processed: 0 between requests. */
  get inFlight(): number {
    return this.received - this.processed;
  }

  snapshot(): BooksSnapshot {
    return {
      received: this.received,
      processed: [...this.#processed.values()].map((entry) => ({ ...entry })),
      unweighted: this.unweighted,
      truncatedItems: this.truncatedItems,
      ignored: { ...this.ignored },
      overflow: { ...this.overflow },
    };
  }
}
