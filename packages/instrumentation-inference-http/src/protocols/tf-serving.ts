/**
 * TensorFlow Serving's REST API: `:predict` in rows (`instances`) or columns (`inputs`), `:classify` and `:regress`
 * (`examples`). https://www.tensorflow.org/tfx/serving/api_rest
 */
import { responseOfColumns, responseOfRows, tensorOfList } from '../output-tensors.ts';
import {
  type InferenceProtocol,
  type ModelNames,
  modelOf,
  objectOf,
  type RequestColumns,
  type ResponseColumns,
  unreadable,
  unreadableResponse,
} from '../protocol.ts';
import { columnsOfColumns, columnsOfRows } from '../row-layouts.ts';

const PATH = /\/v1\/models\/([^/:]+)(?:\/(?:versions|labels)\/([^/:]+))?:(?:predict|classify|regress)$/;

export const tfServing: InferenceProtocol = {
  system: 'tf_serving',
  match: ({ path }) => modelOf(PATH.exec(path)),
  readRequest: readInstances,
  readResponse: (json, names) => {
    const body = objectOf(json);
    if (body === undefined) return unreadableResponse('response_shape');
    if (body.results !== undefined) return resultsOf(body.results, names);
    return body.predictions === undefined ? responseOfColumns(body.outputs, names) : readPredictions(body, names);
  },
};

/** `instances`, `inputs` or `examples`; KServe v1, Vertex AI and others took the first over. */
export function readInstances(json: unknown, names: ModelNames): RequestColumns {
  const body = objectOf(json);
  if (body === undefined) return unreadable('shape');
  if (body.instances !== undefined) return columnsOfRows(body.instances, names);
  if (body.examples !== undefined) return columnsOfRows(body.examples, names);
  return Array.isArray(body.inputs) ? columnsOfRows(body.inputs, names) : columnsOfColumns(body.inputs, names);
}

export function readPredictions(body: Readonly<Record<string, unknown>>, names: ModelNames): ResponseColumns {
  return responseOfRows(body.predictions, names);
}

/** `:regress` gives a number a row; `:classify` gives [label, score] pairs, one a class. */
function resultsOf(results: unknown, names: ModelNames): ResponseColumns {
  if (!Array.isArray(results) || results.length === 0) return unreadableResponse('response_shape');
  const values = tensorOfList('value', results);
  if (values !== undefined && values.width === 1 && values.kind === 'number')
    return { rowCount: results.length, predictions: { value: { name: 'value', at: (row) => values.at(row, 0) } } };
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string';
  if (!results.every((row) => Array.isArray(row) && row.every(isPair)))
    return { ...unreadableResponse('response_shape'), rowCount: results.length };
  const rows = results.map((pairs: [string, number][]) => ({ scores: Object.fromEntries(pairs) }));
  return responseOfRows(rows, names);
}
