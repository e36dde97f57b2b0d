/** What is known of one call of a model: rows in, predictions out, as columns that are read only when they are captured. */

/** A column of values by row. Read during the call only: nothing is kept of what stands behind it. */
export interface ValueColumn {
  readonly name: string;
  /** May return anything; the gate decides what leaves. */
  at(row: number): unknown;
}

/** Features by their place: nothing is made for a column, and what is worked out for the names is kept. */
export interface FeatureTable {
  /** The same array from call to call, as long as the names stay the same. */
  readonly names: readonly string[];
  /** As `ValueColumn.at`. @throws when the data cannot be had */
  at(row: number, column: number): unknown;
}

export interface PredictionColumns {
  readonly label?: ValueColumn;
  readonly value?: ValueColumn;
  readonly score?: ValueColumn;
  /** One a class, named by it. */
  readonly scores?: readonly ValueColumn[];
  /** One an explained feature, named by it. */
  readonly attributions?: readonly ValueColumn[];
}

export interface ModelInfo {
  readonly name: string;
  readonly version?: string;
  readonly id?: string;
  readonly task?: string;
  readonly owner?: string;
  readonly role?: string;
  readonly runtimeName?: string;
  readonly runtimeVersion?: string;
  /** Declared classes: other labels are counted as `other`. */
  readonly classes?: readonly string[];
}

/** Where a model is served that is called over the network: the span is of kind CLIENT. */
export interface RemoteServer {
  /** A value of `ml.system.name`: kserve, triton, tf_serving … */
  readonly system: string;
  readonly address: string;
  readonly port?: number;
}

/**
 * An input may be filled in until `end` or `fail`, and is read there, all but `inferenceId`, `remote` and `readAt`: over
 * the wire the rows are known later than the call. With `readAt: 'start'` it is read at once, so that a function that
 * scales its input in place, or reuses its buffer, is monitored by what it was given.
 */
export interface InferenceInput {
  readonly rowCount: number;
  readonly features: readonly ValueColumn[];
  /** Rows as objects, in place of `features`: the names are keys. */
  readonly records?: readonly Readonly<Record<string, unknown>>[];
  /** Features by their place, in place of `features`. */
  readonly table?: FeatureTable;
  /** Joins ground truth; the span id when it is not given. */
  readonly inferenceId?: string;
  /** Why the features could not be read, when they could not. */
  readonly skippedReason?: string;
  readonly remote?: RemoteServer;
  /** Default `end`. */
  readonly readAt?: 'start' | 'end';
}
