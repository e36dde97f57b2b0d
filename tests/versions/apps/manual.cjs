// A service with an SDK of its own in code, and a model that is a function.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { monitor } = require('@leeway/instrumentation');

const sdk = new NodeSDK({ serviceName: 'service' });
sdk.start();
const churn = monitor({ model: { name: 'churn' } });
for (const age of [30, 40]) churn.predict({ age }, () => ({ label: age > 35 ? 'stays' : 'leaves' }));
sdk.shutdown();
