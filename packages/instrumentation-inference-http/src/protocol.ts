/**
 * What a protocol of inference over HTTP is to this package: which URLs are its predictions, and where in the two JSON
 * bodies the columns are. One file a protocol, in `protocols/`.
 */
import type { PredictionColumns, ValueColumn } from '@leeway/instrumentation';

/** Which model a URL asks. */
export interface RemoteModel {
  readonly name: string;
  readonly version?: string;
}

/** What is known of a remote model beside its name; a body of bare lists carries no names of its own. */
export interface ModelNames {
  /** Names of the columns, in order. */
  readonly features?: readonly string[];
  /** Classes in the order of the probabilities. */
  readonly classes?: readonly string[];
  /** With `classification`, whole numbers are labels; with `regression`, they are values. */
  readonly task?: string;
}

export interface RequestColumns {
  /** Undefined when the request could not be read so far. */
  readonly rowCount?: number;
  readonly features: readonly ValueColumn[];
  /** Why the features could not be read, when they could not. */
  readonly skippedReason?: string;
}

export interface ResponseColumns {
  /** Undefined when the response does not say it. */
  readonly rowCount?: number;
  readonly predictions: PredictionColumns;
  readonly skippedReason?: string;
}

/** Where a request goes. */
export interface RequestTarget {
  /** `http://host:port` */
  readonly origin: string;
  /** Without the query. */
  readonly path: string;
}

export interface InferenceProtocol {
  /** A value of `ml.system.name`. */
  readonly system: string;
  /** Undefined when the URL is no prediction of this protocol. */
  match(target: RequestTarget): RemoteModel | undefined;
  /** Any JSON value may come; what is of another shape gives a reason and no columns. */
  readRequest(json: unknown, names: ModelNames): RequestColumns;
  readResponse(json: unknown, names: ModelNames): ResponseColumns;
}

export function unreadable(skippedReason: string, rowCount?: number): RequestColumns {
  return { ...(rowCount === undefined ? {} : { rowCount }), features: [], skippedReason };
}

export function unreadableResponse(skippedReason: string): ResponseColumns {
  return { predictions: {}, skippedReason };
}

/** An object as JSON has it; undefined for lists, null and everything else. */
export function objectOf(json: unknown): Readonly<Record<string, unknown>> | undefined {
  return json !== null && typeof json === 'object' && !Array.isArray(json)
    ? (json as Record<string, unknown>)
    : undefined;
}

/** Of a path's segment; undefined when it is not encoded well. */
export function decoded(segment: string | undefined): string | undefined {
  if (segment === undefined || segment === '') return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The model that a matched path names; undefined when there is no match or no name. */
export function modelOf(match: RegExpExecArray | null): RemoteModel | undefined {
  const name = decoded(match?.[1]);
  if (name === undefined) return undefined;
  const version = decoded(match?.[2]);
  return { name, ...(version === undefined ? {} : { version }) };
}
