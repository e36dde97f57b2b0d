/** What performance is made of: predictions when they are made, and again when what was true of them is learned. */

/** Predictions of one model under one version; columns of one length. */
export interface PredictionColumns {
  readonly count: number;
  readonly labels?: readonly (string | undefined)[] | undefined;
  /** Predicted numbers, or the score of the label; NaN where there is none. */
  readonly values?: ArrayLike<number> | undefined;
  /** Probabilities, a column a class whose score is kept, in the order of `ClassificationReference.scoreEdges`. */
  readonly scores?: readonly ArrayLike<number>[] | undefined;
  /** Bit i is set where the row is in segment i of the model's list. */
  readonly segments?: ArrayLike<number> | undefined;
  /** Default 1. */
  readonly weights?: ArrayLike<number> | undefined;
  /** Unix milliseconds. */
  readonly eventMs: ArrayLike<number>;
}

export interface Truth {
  readonly label: string | undefined;
  /** NaN where there is none. */
  readonly value: number;
}

/** A prediction that met its label. */
export interface LabelledOutcome {
  /** What was predicted. */
  readonly label: string | undefined;
  readonly value: number;
  readonly scores: ArrayLike<number>;
  /** As in `PredictionColumns`; 0 for none. */
  readonly segments: number;
  readonly weight: number;
  readonly eventMs: number;
  /** What was true, and when that was learned. */
  readonly truth: Truth;
  readonly arrivedMs: number;
  /** The truth that this one takes the place of. */
  readonly replaced?: Truth;
  /** When that one was learned, where it is known. */
  readonly replacedArrivedMs?: number;
}
