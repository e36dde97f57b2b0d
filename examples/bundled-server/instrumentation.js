// As Next.js calls it: `register` runs once, before the server takes requests. A bundle has no hooks, so the library is
// handed over by hand, and the SDK is started here instead of by --import.
import { OnnxRuntimeInstrumentation } from '@leeway/instrumentation-onnxruntime';
import * as onnxruntime from 'onnxruntime-node';
import { startNodeSDK } from './sdk.js';

export function register() {
  const sdk = startNodeSDK();
  new OnnxRuntimeInstrumentation().manuallyInstrument(onnxruntime);
  return sdk;
}
