// A service with an SDK of its own in code, and a model that is a function.
import { monitor } from '@leeway/instrumentation';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ serviceName: 'service' });
sdk.start();
const churn = monitor({ model: { name: 'churn' } });
for (const age of [30, 40]) churn.predict({ age }, () => ({ label: age > 35 ? 'stays' : 'leaves' }));
await sdk.shutdown();
