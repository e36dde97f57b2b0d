/** The metrics of one model at one place, bound once: attributes are built here and nowhere on the way of a request. */
import { ATTR_ERROR_TYPE, ATTR_LEEWAY_REASON } from '@leeway/semconv';
import type { Attributes } from '@opentelemetry/api';
import type { HistogramCell } from './buffered-histogram.ts';
import type { Instruments } from './instruments.ts';
import type { LabelCounts } from './label-counts.ts';
import type { TallyCell } from './tally.ts';

/** Names of error classes that are told apart; OpenTelemetry's own word for the others. */
const ERROR_TYPES_MAX = 20;
const OTHER_ERROR = '_OTHER';

export class MetricBinding {
  readonly instruments: Instruments;
  readonly active: TallyCell;
  readonly labels: LabelCounts;
  readonly #attributes: Attributes;
  readonly #rows: TallyCell;
  readonly #duration: HistogramCell;
  readonly #ofError = new Map<string, Attributes>();
  readonly #skipped = new Map<string, TallyCell>();

  constructor(instruments: Instruments, attributes: Attributes, labels: LabelCounts) {
    this.instruments = instruments;
    this.labels = labels;
    this.#attributes = attributes;
    this.active = instruments.active.cell(attributes);
    this.#rows = instruments.rows.cell(attributes);
    this.#duration = instruments.duration.cell(attributes);
  }

  record(rowCount: number, seconds: number, errorType: string | undefined): void {
    if (errorType === undefined) this.#duration.record(seconds);
    else this.instruments.duration.record(seconds, this.#errorOf(errorType));
    this.#rows.value += rowCount;
    // A histogram costs a microsecond: that most requests have one row is known from the duration's count.
    if (rowCount !== 1) this.instruments.batchSize.record(rowCount, this.#attributes);
  }

  /** @param reason one of a few fixed words */
  skip(reason: string, rowCount: number): void {
    let cell = this.#skipped.get(reason);
    if (cell === undefined) {
      cell = this.instruments.skipped.cell({ ...this.#attributes, [ATTR_LEEWAY_REASON]: reason });
      this.#skipped.set(reason, cell);
    }
    cell.value += rowCount;
  }

  #errorOf(errorType: string): Attributes {
    const known = this.#ofError.get(errorType);
    if (known !== undefined) return known;
    const type = this.#ofError.size < ERROR_TYPES_MAX ? errorType : OTHER_ERROR;
    const attributes = { ...this.#attributes, [ATTR_ERROR_TYPE]: type };
    if (type === errorType) this.#ofError.set(errorType, attributes);
    return attributes;
  }
}

const ERROR_TYPE = /^[\w.$-]{1,64}$/;

/**
 * The class of an error, by its constructor: never its message, nor a name that an instance gave itself, which may hold
 * values. A DOMException goes by its name where that is one of the standard's (AbortError, TimeoutError).
 *
 * @param given a word from a fixed set that says it better: a status, a code of the runtime
 * @returns at most 64 word characters, `_OTHER` for anything else
 * @example errorTypeOf(new RangeError('12.5 is too much'), undefined) // 'RangeError'
 */
export function errorTypeOf(error: unknown, given: string | undefined): string {
  try {
    const type = given ?? classOf(error);
    return ERROR_TYPE.test(type) ? type : OTHER_ERROR;
  } catch {
    return OTHER_ERROR;
  }
}

function classOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  // The legacy code is 0 for a name that is not the standard's.
  if (error instanceof DOMException && error.code !== 0) return error.name;
  return String(Object.getPrototypeOf(error)?.constructor?.name);
}
