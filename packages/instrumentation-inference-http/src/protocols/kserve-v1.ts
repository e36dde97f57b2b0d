/**
 * KServe's first protocol: the rows of TensorFlow Serving under the same path. What tells them apart is the host, which
 * KServe names after the model: `iris.default.example.com`, `iris-predictor.default.svc.cluster.local`.
 * https://kserve.github.io/website/latest/modelserving/data_plane/v1_protocol/
 */
import { type InferenceProtocol, modelOf, objectOf, unreadableResponse } from '../protocol.ts';
import { readInstances, readPredictions } from './tf-serving.ts';

const PATH = /\/v1\/models\/([^/:]+):predict$/;

export const kserveV1: InferenceProtocol = {
  system: 'kserve',
  match: ({ origin, path }) => {
    const model = modelOf(PATH.exec(path));
    if (model === undefined) return undefined;
    const [host] = origin.replace(/^https?:\/\//, '').split(/[.:]/);
    return host === model.name || host.startsWith(`${model.name}-predictor`) ? model : undefined;
  },
  readRequest: readInstances,
  readResponse: (json, names) => {
    const body = objectOf(json);
    return body === undefined ? unreadableResponse('response_shape') : readPredictions(body, names);
  },
};
