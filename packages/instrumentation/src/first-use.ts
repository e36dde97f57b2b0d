/**
 * What happens when the first telemetry is about to be made: whoever starts the process may start an SDK then if the
 * application has started none, and an API that cannot work with the application's is told once instead of being silent.
 *
 * A global that another copy of @opentelemetry/api set is handed out only if that copy is as new as the reader: code
 * over API 1.10 in an application of API 1.9 gets no-ops, from the tracer as from `diag`. So it is told as a warning of
 * the process.
 */
import { metrics, trace } from '@opentelemetry/api';

interface ApiGlobal {
  readonly version?: string;
  readonly trace?: unknown;
  readonly metrics?: unknown;
}

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');
/** One a process: an application may have copies of this package over different copies of the API. */
const START = Symbol.for('leeway.first-use');
type Shared = typeof globalThis & { [API_GLOBAL]?: ApiGlobal; [START]?: (() => void) | undefined };

let saidMismatch = false;

/**
 * Calls back once, synchronously, when the first telemetry is made and no SDK of the application is there.
 *
 * @example onFirstUse(() => console.log('an SDK is started here'));
 */
export function onFirstUse(startSdk: () => void): void {
  (globalThis as Shared)[START] = startSdk;
}

/** Where something is about to be recorded and no SDK is seen. Never throws. */
export function firstUse(): void {
  const mismatch = apiMismatch();
  if (mismatch !== undefined) {
    if (!saidMismatch) process.emitWarning(mismatch, { code: 'leeway-api-mismatch' });
    saidMismatch = true;
    return;
  }
  const { [START]: startSdk } = globalThis as Shared;
  if (startSdk === undefined) return;
  (globalThis as Shared)[START] = undefined;
  try {
    startSdk();
  } catch (error) {
    process.emitWarning(`Leeway could not start the OpenTelemetry SDK: ${String(error)}`, { code: 'leeway-sdk' });
  }
}

/**
 * Why the application's SDK cannot be used, with what to do; undefined when it can, or when there is none.
 *
 * @example const fault = apiMismatch();
 */
export function apiMismatch(): string | undefined {
  const api = (globalThis as Shared)[API_GLOBAL];
  const isHidden =
    (api?.trace !== undefined && trace.getTracerProvider() !== api.trace) ||
    (api?.metrics !== undefined && metrics.getMeterProvider() !== api.metrics);
  if (!isHidden) return undefined;
  return (
    `Leeway records nothing: the application's SDK was started through @opentelemetry/api ${api?.version}, and Leeway ` +
    'runs on a newer copy of it. Either upgrade the application to OpenTelemetry SDK 3 with @opentelemetry/api 1.10, or ' +
    `use @leeway/instrumentation alone (it works with API 1.9) and let both share one copy: npm ls @opentelemetry/api`
  );
}
