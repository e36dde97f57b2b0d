/** Writes the values of an item's attributes into the columns of a batch. No allocation per value. */
import { CELL } from '@leeway/engine';
import { type AttributeView, VALUE } from './attribute-view.ts';
import type { BatchBuilder } from './batch-builder.ts';
import type { KeyRoles } from './key-roles.ts';
import { ROLE } from './roles.ts';
import type { Texts } from './texts.ts';

const NANOSECONDS_PER_MS = 1e6;
const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');

export class ValueWriter {
  readonly #texts: Texts;
  #generation = -1;
  #trueId = -1;
  #falseId = -1;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** Whether every value of the item is an array of `count` elements, or a single one where `count` is 1. */
  isAligned(view: AttributeView, start: number, end: number, roles: Uint8Array, count: number): boolean {
    for (let a = start; a < end; a++) {
      const key = view.attributeKey[a];
      if (key < 0) continue;
      const role = roles[key];
      if (role !== ROLE.feature && role !== ROLE.output) continue;
      const length = view.attributeType[a] === VALUE.array ? view.attributeLength[a] : 1;
      if (length !== count) return false;
    }
    return true;
  }

  /** Whether the item states a feature that the reference has, as a value or as missing. */
  statesFeature(
    view: AttributeView,
    start: number,
    end: number,
    missing: number,
    keys: KeyRoles,
    builder: BatchBuilder,
  ): boolean {
    const columnOfKey = builder.columnsOfKeys(keys);
    const { attributeKey } = view;
    for (let a = start; a < end; a++) {
      const column = attributeKey[a] < 0 ? -1 : columnOfKey[attributeKey[a]];
      if (column >= 0 && column < builder.featureCount) return true;
    }
    if (missing < 0 || view.attributeType[missing] !== VALUE.array) return false;
    const from = view.attributeNumber[missing];
    for (let e = from; e < from + view.attributeLength[missing]; e++) {
      if (this.#featureAt(view, e, builder) >= 0) return true;
    }
    return false;
  }

  /** Event time of the rows: the attribute's where it says one, else the item's. */
  writeTimes(
    view: AttributeView,
    attribute: number,
    itemMs: number,
    builder: BatchBuilder,
    first: number,
    count: number,
  ): void {
    const { eventMs } = builder;
    const fallback = itemMs > 0 ? itemMs : Number.NaN;
    const type = attribute < 0 ? VALUE.empty : view.attributeType[attribute];
    if (type === VALUE.array) {
      const from = view.attributeNumber[attribute];
      for (let row = 0; row < count; row++) {
        const isNumber = view.elementType[from + row] === VALUE.number;
        eventMs[first + row] = isNumber ? view.elementNumber[from + row] / NANOSECONDS_PER_MS : fallback;
      }
      return;
    }
    const ms = type === VALUE.number ? view.attributeNumber[attribute] / NANOSECONDS_PER_MS : fallback;
    if (count === 1) eventMs[first] = ms;
    else eventMs.fill(ms, first, first + count);
  }

  /** Features that the sender names as missing: null, NaN or infinite there. */
  writeMissing(view: AttributeView, attribute: number, builder: BatchBuilder, first: number, count: number): void {
    if (view.attributeType[attribute] !== VALUE.array) return;
    const from = view.attributeNumber[attribute];
    for (let e = from; e < from + view.attributeLength[attribute]; e++) {
      const column = this.#featureAt(view, e, builder);
      // Nothing was written yet, so all of the rows are alike: a name that is repeated a million times costs nothing.
      if (column < 0 || builder.columns[column].kinds[first] === CELL.missing) continue;
      builder.columns[column].kinds.fill(CELL.missing, first, first + count);
    }
  }

  /** Column of the feature that an element names; −1 for none. */
  #featureAt(view: AttributeView, element: number, builder: BatchBuilder): number {
    if (view.elementType[element] !== VALUE.text) return -1;
    const id = this.#texts.idOf(view.bytes, view.elementNumber[element], view.elementLength[element]);
    return id < 0 ? -1 : builder.featureColumn(this.#texts.textAt(id));
  }

  writeValues(
    view: AttributeView,
    start: number,
    end: number,
    keys: KeyRoles,
    builder: BatchBuilder,
    first: number,
    count: number,
  ): void {
    this.#internBooleans();
    const columnOfKey = builder.columnsOfKeys(keys);
    const { allKinds, allValues, columnStride } = builder;
    const { attributeKey, attributeType, attributeNumber, attributeLength } = view;
    for (let a = start; a < end; a++) {
      const key = attributeKey[a];
      if (key < 0) continue;
      const column = columnOfKey[key];
      if (column < 0) {
        builder.skip(key, count, keys);
        continue;
      }
      const type = attributeType[a];
      if (type === VALUE.number) {
        const cell = column * columnStride + first;
        allKinds[cell] = CELL.number;
        allValues[cell] = attributeNumber[a];
      } else if (type !== VALUE.array) {
        this.#writeCell(builder, column, first, view, type, attributeNumber[a], attributeLength[a]);
      } else {
        const { elementType, elementNumber, elementLength } = view;
        const from = attributeNumber[a];
        for (let row = 0; row < count; row++) {
          const e = from + row;
          this.#writeCell(builder, column, first + row, view, elementType[e], elementNumber[e], elementLength[e]);
        }
      }
    }
  }

  #writeCell(
    builder: BatchBuilder,
    column: number,
    row: number,
    view: AttributeView,
    type: number,
    number: number,
    length: number,
  ): void {
    const { kinds, values } = builder.columns[column];
    if (type === VALUE.number) {
      kinds[row] = CELL.number;
      values[row] = number;
    } else if (type === VALUE.text && length === 0) kinds[row] = CELL.missing;
    else if (type === VALUE.text) {
      const id = this.#texts.idOf(view.bytes, number, length, view.view);
      kinds[row] = id < 0 ? CELL.other : CELL.text;
      values[row] = id;
    } else if (type === VALUE.boolean) {
      const isCategory = builder.isCategorical(column);
      kinds[row] = isCategory ? CELL.text : CELL.number;
      values[row] = isCategory ? (number === 0 ? this.#falseId : this.#trueId) : number;
    } else kinds[row] = type === VALUE.empty ? CELL.missing : CELL.other;
  }

  /** A boolean in a categorical column is its text, as it is in a CSV file. */
  #internBooleans(): void {
    if (this.#generation === this.#texts.generation) return;
    this.#generation = this.#texts.generation;
    this.#trueId = this.#texts.idOf(TRUE, 0, TRUE.length);
    this.#falseId = this.#texts.idOf(FALSE, 0, FALSE.length);
  }
}
