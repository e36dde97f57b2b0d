// The SDK is started in code, after the model's library was loaded.
import { NodeSDK } from '@opentelemetry/sdk-node';
import * as onnxruntime from 'onnxruntime-node';
import { score } from './score.cjs';

const sdk = new NodeSDK({ serviceName: 'service' });
sdk.start();
await score(onnxruntime);
await sdk.shutdown();
