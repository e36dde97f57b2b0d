/** The lines that say what is watched, and what was found. */
import { exportEndpoint } from './export-endpoint.ts';
import type { Environment, SdkState } from './own-sdk.ts';

/** At the start, when the application has not run yet: only what is known by then. */
export function startLine(names: readonly string[], env: Environment): string {
  return `watching ${names.join(', ')} · ${valuesOf(env)} · ${destinationOf(env)}`;
}

/** At the first telemetry. */
export function recordingLine(patched: readonly string[], state: SdkState, env: Environment): string {
  const what = patched.length === 0 ? 'calls through code or fetch' : patched.join(', ');
  if (state === 'none') return `${what}: nothing is recorded, LEEWAY_SDK=app and the application has no SDK`;
  const through = state === 'leeway' ? `OTLP to ${exportEndpoint(env)}` : "the application's OpenTelemetry SDK";
  return `recording ${what} · ${through}`;
}

/**
 * What a user should know whose processors are the SDK's own: those of a configuration file, or of the application.
 * Undefined for all others.
 *
 * @param isLossless whether a queue that counts what it drops takes the inferences
 */
export function processorLine(state: SdkState, env: Environment, isLossless: boolean): string | undefined {
  if (state === 'application' && !isLossless) return STOCK_PROCESSOR;
  if (state !== 'leeway' || !env.OTEL_CONFIG_FILE) return undefined;
  return `the processors of ${env.OTEL_CONFIG_FILE} export: a batch processor keeps 2,048 spans unless its max_queue_size says otherwise, and drops the rest of a burst without a word`;
}

const STOCK_PROCESSOR =
  'a batch span processor of the application keeps 2,048 spans and drops the rest of a burst without a word: to lose none uncounted, ' +
  "give its SDK spanProcessors: [inferenceSpanProcessor(exporter, yours)] of '@leeway/instrumentation/batch-export'";

function valuesOf(env: Environment): string {
  const features = env.LEEWAY_CAPTURE_FEATURES?.trim();
  if (!features)
    return 'values: those that the code allows, none by the environment (LEEWAY_CAPTURE_FEATURES is not set)';
  return `values: ${features} by the environment, fewer where the code says so`;
}

function destinationOf(env: Environment): string {
  if (env.LEEWAY_SDK === 'app') return "the application's OpenTelemetry SDK";
  const own = env.OTEL_CONFIG_FILE ? `the SDK of ${env.OTEL_CONFIG_FILE}` : `OTLP to ${exportEndpoint(env)}`;
  return `${own}, unless the application starts an SDK of its own`;
}
