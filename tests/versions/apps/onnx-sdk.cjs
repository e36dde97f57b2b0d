const onnxruntime = require('onnxruntime-node');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { score } = require('./score.cjs');

const sdk = new NodeSDK({ serviceName: 'service' });
sdk.start();
score(onnxruntime).then(() => sdk.shutdown());
