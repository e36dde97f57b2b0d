/**
 * KServe v2, the Open Inference Protocol: https://github.com/kserve/open-inference-protocol. MLServer, KServe runtimes
 * and OpenVINO speak it; so does Triton, whose binary extension is seen by its header (see triton.ts).
 */
import { requestOfTensors, tensorsOfJson } from '../oip-tensors.ts';
import { responseOfTensors } from '../output-tensors.ts';
import {
  type InferenceProtocol,
  modelOf,
  objectOf,
  type RequestColumns,
  type ResponseColumns,
  unreadableResponse,
} from '../protocol.ts';

const PATH = /\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?\/infer$/;

export const openInference: InferenceProtocol = {
  system: 'kserve',
  match: ({ path }) => modelOf(PATH.exec(path)),
  readRequest: (json, names): RequestColumns => requestOfTensors(tensorsOfJson(objectOf(json)?.inputs), names),
  readResponse: (json, names): ResponseColumns => {
    const tensors = tensorsOfJson(objectOf(json)?.outputs);
    if (tensors === undefined || tensors.length === 0) return unreadableResponse('response_shape');
    const readable = tensors.filter(({ refusal }) => refusal === undefined);
    if (readable.length > 0) return responseOfTensors(readable, names);
    return { ...unreadableResponse(`response_${tensors[0].refusal}`), rowCount: tensors[0].rowCount };
  },
};
