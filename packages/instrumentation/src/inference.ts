/** What is known of one call of a model: rows in, predictions out, as columns that are read only when they are captured. */

/** A column of values by row. Read during the call only: nothing is kept of what stands behind it. */
export interface ValueColumn {
  readonly name: string;
  /** May return anything; the gate decides what leaves. */
  at(row: number): unknown;
}

export interface PredictionColumns {
  readonly label?: ValueColumn;
  readonly value?: ValueColumn;
  readonly score?: ValueColumn;
  /** One a class, named by it. */
  readonly scores?: readonly ValueColumn[];
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
 * Over the wire the rows are known later than the call: an input may be filled in until `end` or `fail`, and is read
 * there, all but `inferenceId` and `remote`.
 */
export interface InferenceInput {
  readonly rowCount: number;
  readonly features: readonly ValueColumn[];
  /** Joins ground truth; the span id when it is not given. */
  readonly inferenceId?: string;
  /** Why the features could not be read, when they could not. */
  readonly skippedReason?: string;
  readonly remote?: RemoteServer;
}
