/**
 * MLflow's scoring server: `/invocations` with a data frame (split or records), `instances` or `inputs`. Databricks
 * serves the same under `/serving-endpoints/<name>/invocations`. The path of the scoring server names no model.
 * https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/
 */
import { responseOfColumns, responseOfRows } from '../output-tensors.ts';
import {
  decoded,
  type InferenceProtocol,
  type ModelNames,
  objectOf,
  type RequestColumns,
  unreadable,
} from '../protocol.ts';
import { columnsOfLists, columnsOfRows } from '../row-layouts.ts';
import { readInstances } from './tf-serving.ts';

/** Others have paths that end in `invocations` too: SageMaker, Bedrock's agents. */
const PATH = /^\/?(?:(?:.*\/)?serving-endpoints\/([^/]+)\/)?invocations$/;

/** Stands for the model where the URL names none; LEEWAY_MODEL_NAME or a pattern of one's own says which it is. */
export const UNNAMED_MODEL = '';

export const mlflow: InferenceProtocol = {
  system: 'mlflow',
  match: ({ path }) => {
    const match = PATH.exec(path);
    return match === null ? undefined : { name: decoded(match[1]) ?? UNNAMED_MODEL };
  },
  readRequest: (json, names): RequestColumns => {
    const body = objectOf(json);
    if (body === undefined) return unreadable('shape');
    if (body.dataframe_split !== undefined) return splitColumns(body.dataframe_split, names);
    if (body.dataframe_records !== undefined) return columnsOfRows(body.dataframe_records, names);
    return readInstances(body, names);
  },
  readResponse: (json, names) => {
    // MLflow 1 sent the list without its envelope.
    const body = objectOf(json)?.predictions ?? json;
    return Array.isArray(body) ? responseOfRows(body, names) : responseOfColumns(body, names);
  },
};

/** pandas' `split`: the columns once, then the rows. */
export function splitColumns(split: unknown, names: ModelNames): RequestColumns {
  const table = objectOf(split);
  if (!Array.isArray(table?.data)) return unreadable('shape');
  if (table.data.length === 0) return { rowCount: 0, features: [] };
  return columnsOfLists(table.data, table.columns ?? names.features);
}
