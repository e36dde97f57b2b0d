// The application's own OpenTelemetry SDK; the standard OTEL_* variables say where to.
import { NodeSDK } from '@opentelemetry/sdk-node';

export function startNodeSDK() {
  const sdk = new NodeSDK();
  sdk.start();
  return sdk;
}
