/** The OpenTelemetry SDK as it comes, without Leeway's export path. */
import { startNodeSdk } from '@opentelemetry/sdk-node';

const sdk = startNodeSdk();
process.once('beforeExit', () => void sdk.shutdown());
