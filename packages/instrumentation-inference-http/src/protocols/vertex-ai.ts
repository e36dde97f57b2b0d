/**
 * Vertex AI's online prediction, whose body is that of TensorFlow Serving's rows; the endpoint is the model.
 * https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints/predict
 */
import { type InferenceProtocol, modelOf, objectOf, unreadableResponse } from '../protocol.ts';
import { readInstances, readPredictions } from './tf-serving.ts';

const PATH = /\/v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/endpoints\/([^/:]+):predict$/;

export const vertexAi: InferenceProtocol = {
  system: 'vertex_ai',
  match: ({ path }) => modelOf(PATH.exec(path)),
  readRequest: readInstances,
  readResponse: (json, names) => {
    const body = objectOf(json);
    return body === undefined ? unreadableResponse('response_shape') : readPredictions(body, names);
  },
};
