/**
 * Rows whose features came packed: one array of numbers, row after row, its columns named by a hash.
 *
 * A hash is known when it is that of the model's own reference (all features in its order, or the numeric ones), or when
 * an item carried the names.
 */
import { CELL } from '@leeway/engine';
import { type AttributeView, VALUE } from './attribute-view.ts';
import type { BatchBuilder } from './batch-builder.ts';
import type { ItemAttributes } from './item-attributes.ts';
import type { ModelEntry } from './models.ts';
import { type PackedSchema, PackedSchemas, schemaHash } from './packed-schemas.ts';
import type { Texts } from './texts.ts';

/** What a model's reference knows by itself, and where the columns of a schema are in its batches. */
interface Known {
  readonly own: readonly PackedSchema[];
  readonly columns: Map<string, Int32Array>;
}

export class PackedRows {
  readonly schemas = new PackedSchemas();
  readonly #texts: Texts;
  readonly #byBuilder = new WeakMap<BatchBuilder, Known>();
  /** Of the item that was checked last. */
  #schema: PackedSchema | undefined;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** Names of the columns of the item that was checked last. */
  get names(): readonly string[] {
    return this.#schema?.names ?? [];
  }

  /** Why the item's packed values cannot be read; undefined when they can, or when there are none. */
  fault(
    view: AttributeView,
    found: ItemAttributes,
    { builder }: ModelEntry,
    count: number,
  ): 'unknown_schema' | 'shape' | undefined {
    this.#schema = undefined;
    const values = found.packedValues;
    if (values < 0) return undefined;
    const schema = this.#schemaOf(view, found, builder);
    if (schema === undefined) return 'unknown_schema';
    const isArray = view.attributeType[values] === VALUE.array;
    if (!isArray || view.attributeLength[values] !== count * schema.names.length) return 'shape';
    this.#schema = schema;
    return undefined;
  }

  /** Whether the item that was checked last states a feature that the reference has. */
  statesFeature(builder: BatchBuilder): boolean {
    return this.#schema !== undefined && this.#columnsOf(this.#schema, builder).some((column) => column >= 0);
  }

  /** Writes the values of the item that was checked last. Columns that the reference does not have are counted as ignored. */
  write(view: AttributeView, attribute: number, builder: BatchBuilder, first: number, count: number): void {
    const schema = this.#schema;
    if (schema === undefined) return;
    const columnOf = this.#columnsOf(schema, builder);
    const { elementType, elementNumber } = view;
    const from = view.attributeNumber[attribute];
    const width = columnOf.length;
    for (let c = 0; c < width; c++) {
      if (columnOf[c] < 0) {
        builder.ignored.count(count);
        builder.ignored.note(schema.names[c]);
        continue;
      }
      const { kinds, values } = builder.columns[columnOf[c]];
      for (let row = 0, e = from + c; row < count; row++, e += width) {
        const type = elementType[e];
        kinds[first + row] = type === VALUE.number ? CELL.number : type === VALUE.empty ? CELL.missing : CELL.other;
        values[first + row] = elementNumber[e];
      }
    }
  }

  #schemaOf(
    view: AttributeView,
    { schemaHash: at, schemaNames }: ItemAttributes,
    builder: BatchBuilder | undefined,
  ): PackedSchema | undefined {
    if (at < 0 || view.attributeType[at] !== VALUE.text) return undefined;
    const id = this.#texts.idOf(view.bytes, view.attributeNumber[at], view.attributeLength[at]);
    if (id < 0) return undefined;
    const hash = this.#texts.textAt(id);
    const own = builder === undefined ? undefined : this.#knownOf(builder).own.find((schema) => schema.hash === hash);
    const known = own ?? this.schemas.get(hash);
    if (known !== undefined || schemaNames < 0) return known;
    const names = this.#namesAt(view, schemaNames);
    return names === undefined ? undefined : this.schemas.learn(names, hash);
  }

  #namesAt(view: AttributeView, attribute: number): string[] | undefined {
    if (view.attributeType[attribute] !== VALUE.array) return undefined;
    const names: string[] = [];
    const from = view.attributeNumber[attribute];
    for (let e = from; e < from + view.attributeLength[attribute]; e++) {
      if (view.elementType[e] !== VALUE.text) return undefined;
      const id = this.#texts.idOf(view.bytes, view.elementNumber[e], view.elementLength[e]);
      if (id < 0) return undefined;
      names.push(this.#texts.textAt(id));
    }
    return names;
  }

  #knownOf(builder: BatchBuilder): Known {
    const known = this.#byBuilder.get(builder);
    if (known !== undefined) return known;
    const orders = [builder.featureNames(), builder.featureNames('numeric')];
    const made: Known = { own: orders.map((names) => ({ hash: schemaHash(names), names })), columns: new Map() };
    this.#byBuilder.set(builder, made);
    return made;
  }

  /** By a schema's column, the batch's, −1 for none. As many are kept as there are schemas. */
  #columnsOf({ hash, names }: PackedSchema, builder: BatchBuilder): Int32Array {
    const { columns } = this.#knownOf(builder);
    const known = columns.get(hash);
    if (known !== undefined) return known;
    const made = Int32Array.from(names, (name) => builder.featureColumn(name));
    if (columns.size >= SCHEMAS_OF_MODEL_MAX) columns.clear();
    columns.set(hash, made);
    return made;
  }
}

/** Places of columns that are remembered of one model. */
const SCHEMAS_OF_MODEL_MAX = 64;
