/**
 * Records of BentoML's monitor, which puts a row into a log record's body: columns by their own names, and under
 * `bento_meta` who sent it and each column's role and type. Read here as attributes `body.…`, and given the names that
 * intake knows.
 *
 * Source: bentoml 1.4, _internal/monitoring/otlp.py and base.py. `bento_meta` comes with every record unless
 * `meta_sample_rate` was lowered; a record without it has no roles, and counts as an item without values.
 *
 * A column that is a `numerical_sequence` is no value of one row, and a target is no prediction: both are left alone.
 */
import {
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  ATTR_ML_PREDICTION_VALUE,
  PREFIX_ML_FEATURES,
  PREFIX_ML_PREDICTION_SCORES,
} from '@leeway/semconv';
import { VALUE } from './attribute-view.ts';
import type { RevisableView } from './item-revision.ts';

/** Name of the instrumentation scope: the logger that the monitor writes to. */
export const BENTO_SCOPE = 'bentoml_monitor_data';
/** What a scanner puts before the names of a body's fields. */
export const BODY_PREFIX = 'body.';

const META = `${BODY_PREFIX}bento_meta.`;
const SCHEMA = `${META}schema.`;

/** Fields that are no columns. */
const OWN_FIELDS: ReadonlyMap<string, string> = new Map([
  [`${META}monitor_name`, ATTR_ML_MODEL_NAME],
  [`${META}bento_version`, ATTR_ML_MODEL_VERSION],
  [`${BODY_PREFIX}request_id`, ATTR_ML_INFERENCE_ID],
]);

interface Column {
  role: string;
  type: string;
}

type SchemaKey = { readonly column: string; readonly part: 'role' | 'type' };

const decoder = new TextDecoder();

export class BentoRecords {
  /** By key id. */
  readonly #schemaKeys = new Map<number, SchemaKey>();
  readonly #ownKeys = new Map<number, string>();
  readonly #columnKeys = new Map<number, string>();

  /** Whether any record had roles. */
  get hasKeys(): boolean {
    return this.#schemaKeys.size > 0;
  }

  /** Ids are given out anew. */
  startGeneration(): void {
    this.#schemaKeys.clear();
    this.#ownKeys.clear();
    this.#columnKeys.clear();
  }

  noteKey(id: number, text: string): void {
    if (!text.startsWith(BODY_PREFIX)) return;
    const own = OWN_FIELDS.get(text);
    if (own !== undefined) this.#ownKeys.set(id, own);
    else if (text.startsWith(SCHEMA)) {
      const dot = text.lastIndexOf('.');
      const part = text.slice(dot + 1);
      if (dot > SCHEMA.length && (part === 'role' || part === 'type'))
        this.#schemaKeys.set(id, { column: text.slice(SCHEMA.length, dot), part });
    } else if (!text.startsWith(META)) this.#columnKeys.set(id, text.slice(BODY_PREFIX.length));
  }

  /** Gives the fields of a record their names, and counts it as one observation if it has values. */
  revise(view: RevisableView, item: number): void {
    const columns = this.#columnsOf(view, item);
    if (columns === undefined) return;
    const numbers = [...columns].filter(([, { role, type }]) => role === 'prediction' && type === 'numerical');
    const hasLabel = [...columns.values()].some(({ role, type }) => role === 'prediction' && type === 'categorical');
    const onlyNumber = hasLabel ? ATTR_ML_PREDICTION_SCORE : ATTR_ML_PREDICTION_VALUE;
    let count = 0;
    for (let a = view.itemStart[item]; a < view.itemStart[item + 1]; a++) {
      const key = view.attributeKey[a];
      const own = this.#ownKeys.get(key);
      if (own !== undefined) {
        view.attributeKey[a] = view.keys.idOf(own);
        continue;
      }
      const name = this.#columnKeys.get(key);
      const column = name === undefined ? undefined : columns.get(name);
      if (name === undefined || column === undefined || view.attributeType[a] === VALUE.array) continue;
      let to: string | undefined;
      if (column.type === 'numerical' || column.type === 'categorical') {
        if (column.role === 'feature') to = `${PREFIX_ML_FEATURES}${name}`;
        else if (column.role !== 'prediction') to = undefined;
        else if (column.type === 'categorical') to = ATTR_ML_PREDICTION_LABEL;
        else to = numbers.length === 1 ? onlyNumber : `${PREFIX_ML_PREDICTION_SCORES}${name}`;
      }
      if (to === undefined) continue;
      view.attributeKey[a] = view.keys.idOf(to);
      count = 1;
    }
    view.observationCount += count - view.itemObservationCount[item];
    view.itemObservationCount[item] = count;
  }

  /** Roles and types as the record says them; undefined when it says none. */
  #columnsOf(view: RevisableView, item: number): Map<string, Column> | undefined {
    let columns: Map<string, Column> | undefined;
    for (let a = view.itemStart[item]; a < view.itemStart[item + 1]; a++) {
      const known = this.#schemaKeys.get(view.attributeKey[a]);
      if (known === undefined || view.attributeType[a] !== VALUE.text) continue;
      const from = view.attributeNumber[a];
      const text = decoder.decode(view.bytes.subarray(from, from + view.attributeLength[a]));
      columns ??= new Map();
      const column = columns.get(known.column) ?? { role: '', type: '' };
      column[known.part] = text;
      columns.set(known.column, column);
    }
    return columns;
  }
}
