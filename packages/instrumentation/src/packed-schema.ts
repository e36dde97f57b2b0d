/**
 * Which columns of an item are packed into one array of numbers, and under which schema.
 *
 * Invariants
 * 1. A schema is the names of its columns in order; its hash is the first 16 hex digits of SHA-256 over their JSON array
 *    in UTF-8.
 * 2. A column that once had a value that is no number is never packed again: the schema settles.
 * 3. Names travel with the first item of a schema and then once a minute, so that whoever joins later learns them.
 */
import { createHash } from 'node:crypto';
import type { CapturedFeatures } from './captured-features.ts';
import type { PlannedFeature } from './feature-plan.ts';
import type { GatedValue } from './value-gate.ts';

export interface PackedItem {
  readonly hash: string;
  /** Set when the names are due. */
  readonly names: readonly string[] | undefined;
  /** Indexes of the packed columns. */
  readonly columns: readonly number[];
}

interface Schema {
  readonly hash: string;
  readonly names: readonly string[];
  readonly columns: readonly number[];
  namesDueMs: number;
}

const NAMES_EVERY_MS = 60_000;
/** Schemas of one recorder: inputs whose names differ from row to row are not packed. */
const SCHEMAS_MAX = 32;

export class PackedSchemas {
  readonly #texts = new Set<string>();
  readonly #schemas = new Map<string, Schema>();
  #last: { readonly features: readonly PlannedFeature[]; readonly texts: number; readonly schema: Schema } | undefined;

  /** Undefined when there is no number to pack, or there are too many schemas. */
  of(captured: CapturedFeatures, nowMs: number): PackedItem | undefined {
    this.#noteTexts(captured);
    const schema = this.#schemaOf(captured.features);
    if (schema === undefined) return undefined;
    const areNamesDue = nowMs >= schema.namesDueMs;
    if (areNamesDue) schema.namesDueMs = nowMs + NAMES_EVERY_MS;
    return { hash: schema.hash, columns: schema.columns, names: areNamesDue ? schema.names : undefined };
  }

  #noteTexts({ features, columns }: CapturedFeatures): void {
    for (let i = 0; i < features.length; i++) {
      if (!isNumeric(columns[i])) this.#texts.add(features[i].name);
    }
  }

  #schemaOf(features: readonly PlannedFeature[]): Schema | undefined {
    const last = this.#last;
    if (last !== undefined && last.features === features && last.texts === this.#texts.size) return last.schema;
    const columns: number[] = [];
    features.forEach(({ name }, index) => {
      if (!this.#texts.has(name)) columns.push(index);
    });
    if (columns.length === 0) return undefined;
    const names = columns.map((index) => features[index].name);
    // The columns' places differ with the others around them: they are part of the key, not of the hash.
    const key = JSON.stringify([names, columns]);
    const known = this.#schemas.get(key);
    if (known === undefined && this.#schemas.size >= SCHEMAS_MAX) return undefined;
    const schema = known ?? { hash: schemaHash(names), names, columns, namesDueMs: Number.NEGATIVE_INFINITY };
    this.#schemas.set(key, schema);
    this.#last = { features, texts: this.#texts.size, schema };
    return schema;
  }
}

/** First 16 hex digits of SHA-256 over the UTF-8 JSON array of the names, in order. */
export function schemaHash(names: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 16);
}

/** Row-major: the values of the first row, then those of the second. */
export function packValues(
  columns: CapturedFeatures['columns'],
  packed: readonly number[],
  row: number | undefined,
  rowCount: number,
): GatedValue[] {
  const first = row ?? 0;
  const last = row === undefined ? rowCount : row + 1;
  const values: GatedValue[] = new Array((last - first) * packed.length);
  let at = 0;
  for (let i = first; i < last; i++) for (const index of packed) values[at++] = valueAt(columns[index], i);
  return values;
}

export function valueAt(column: CapturedFeatures['columns'][number], row: number): GatedValue {
  return Array.isArray(column) ? (column[row] ?? null) : (column as GatedValue);
}

function isNumeric(column: CapturedFeatures['columns'][number]): boolean {
  if (!Array.isArray(column)) return column === null || typeof column === 'number';
  return column.every((value) => value === null || typeof value === 'number');
}
