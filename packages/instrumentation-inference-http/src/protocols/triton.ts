/**
 * Triton: the Open Inference Protocol with a binary extension, where a JSON header of `Inference-Header-Content-Length`
 * bytes stands before the tensors' raw bytes. Rows are counted from the header; raw bytes are not decoded.
 * https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html
 */
import type { InferenceProtocol } from '../protocol.ts';
import { openInference } from './open-inference.ts';

/** In bytes; on a request and on a response alike. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

/** Chosen by that header: the URL is the same. */
export const triton: InferenceProtocol = { ...openInference, system: 'triton' };
