/**
 * Azure Machine Learning's online endpoints: `/score` of a host of Azure's, with `input_data` in pandas' split format, or
 * rows. `/score` alone says too little to be taken on other hosts; a pattern of one's own names them.
 * https://learn.microsoft.com/azure/machine-learning/how-to-deploy-mlflow-models-online-endpoints
 */
import { responseOfColumns, responseOfRows } from '../output-tensors.ts';
import { type InferenceProtocol, modelOf, objectOf, type RequestColumns, unreadable } from '../protocol.ts';
import { columnsOfColumns, columnsOfRows } from '../row-layouts.ts';
import { splitColumns } from './mlflow.ts';

const MANAGED_HOST = /^https?:\/\/([^./:]+)\.[^/]*\.inference\.ml\.azure\.(?:com|us|cn)(?::\d+)?$/;
const KUBERNETES_PATH = /\/api\/v1\/(?:service|endpoint)\/([^/]+)\/score$/;

export const azureMl: InferenceProtocol = {
  system: 'azure_ml',
  match: ({ origin, path }) =>
    path === '/score' ? modelOf(MANAGED_HOST.exec(origin)) : modelOf(KUBERNETES_PATH.exec(path)),
  readRequest: (json, names): RequestColumns => {
    const body = objectOf(json);
    const data = body?.input_data ?? body?.data ?? body?.Inputs;
    if (data === undefined) return unreadable('shape');
    if (Array.isArray(data)) return columnsOfRows(data, names);
    const table = objectOf(data);
    return Array.isArray(table?.data) ? splitColumns(table, names) : columnsOfColumns(data, names);
  },
  readResponse: (json, names) => {
    const body = objectOf(json);
    const results = body?.predictions ?? body?.Results ?? body?.result ?? json;
    return Array.isArray(results) ? responseOfRows(results, names) : responseOfColumns(results, names);
  },
};
