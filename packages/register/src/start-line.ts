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

/** What a user of a configuration file should know: its processors are the SDK's own. Undefined for all others. */
export function processorLine(state: SdkState, env: Environment): string | undefined {
  if (state !== 'leeway' || !env.OTEL_CONFIG_FILE) return undefined;
  return `the processors of ${env.OTEL_CONFIG_FILE} export: a batch processor keeps 2,048 spans unless its max_queue_size says otherwise, and drops the rest of a burst without a word`;
}

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
