/** The protocols that are known, in the order in which a URL is tried. */
import type { InferenceProtocol } from './protocol.ts';
import { azureMl } from './protocols/azure-ml.ts';
import { kserveV1 } from './protocols/kserve-v1.ts';
import { mlflow } from './protocols/mlflow.ts';
import { openInference } from './protocols/open-inference.ts';
import { tfServing } from './protocols/tf-serving.ts';
import { triton } from './protocols/triton.ts';
import { vertexAi } from './protocols/vertex-ai.ts';

/** By the name that a pattern uses. */
export const KNOWN_PROTOCOLS: Readonly<Record<string, InferenceProtocol>> = {
  open_inference: openInference,
  triton,
  kserve_v1: kserveV1,
  tf_serving: tfServing,
  vertex_ai: vertexAi,
  mlflow,
  azure_ml: azureMl,
};
