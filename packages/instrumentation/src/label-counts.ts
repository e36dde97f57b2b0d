/** Predictions by label, for the metric: of the declared classes, or of the first labels that came. */
import { ATTR_ML_PREDICTION_LABEL } from '@leeway/semconv';
import type { Attributes } from '@opentelemetry/api';
import type { ValueColumn } from './inference.ts';
import type { Tally, TallyCell } from './tally.ts';

/** Labels beyond the declared classes; without declared ones, so many are told apart. */
const LABELS_MAX = 50;
const OTHER_LABEL = 'other';
/** An undeclared label that is longer is no class but a text, which may say anything of anybody. */
const LABEL_LENGTH_MAX = 32;
const LABEL_WORDS_MAX = 3;

/** Without declared classes a label is a value like any other: it is counted only where predictions may leave. */
export class LabelCounts {
  /** Whether labels are counted at all. */
  readonly isOn: boolean;
  readonly #tally: Tally;
  readonly #attributes: Attributes;
  readonly #namesMax: number;
  readonly #cells = new Map<string, TallyCell>();
  #other: TallyCell | undefined;

  /** @param mayLeave whether labels beyond the declared classes may be seen */
  constructor(tally: Tally, attributes: Attributes, classes: readonly string[] = [], mayLeave = false) {
    this.#tally = tally;
    this.#attributes = attributes;
    this.#namesMax = classes.length === 0 && mayLeave ? LABELS_MAX : 0;
    this.isOn = classes.length > 0 || mayLeave;
    for (const name of classes) this.#cells.set(name, this.#cell(name));
  }

  count(column: ValueColumn | undefined, rowCount: number): void {
    if (column === undefined || !this.isOn) return;
    for (let row = 0; row < rowCount; row++) {
      const label = column.at(row);
      if (typeof label === 'string') this.#cellOf(label).value++;
      else if (typeof label === 'number' || typeof label === 'boolean' || typeof label === 'bigint')
        this.#cellOf(String(label)).value++;
    }
  }

  #cellOf(label: string): TallyCell {
    const known = this.#cells.get(label);
    if (known !== undefined) return known;
    if (this.#cells.size >= this.#namesMax || !isClassName(label)) {
      this.#other ??= this.#cell(OTHER_LABEL);
      return this.#other;
    }
    const made = this.#cell(label);
    this.#cells.set(label, made);
    return made;
  }

  #cell(label: string): TallyCell {
    return this.#tally.cell({ ...this.#attributes, [ATTR_ML_PREDICTION_LABEL]: label });
  }
}

function isClassName(label: string): boolean {
  return label.length <= LABEL_LENGTH_MAX && label.split(/\s+/, LABEL_WORDS_MAX + 1).length <= LABEL_WORDS_MAX;
}
