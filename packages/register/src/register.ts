/** Hooks, instrumentations, SDK, flush: in this order, because a hook must be there before the module is loaded. */
import { createRequire, register as registerLoader } from 'node:module';
import { flushInferences } from '@leeway/instrumentation';
import { OnnxRuntimeInstrumentation } from '@leeway/instrumentation-onnxruntime';
import { TFJS_MODULES, TfjsInstrumentation } from '@leeway/instrumentation-tfjs';
import { metrics, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import { register as registerSyncHooks, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';
import { inferenceExport } from './inference-export.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Registration {
  /** Names of the modules that are watched for. */
  readonly modules: readonly string[];
  /** Whether the SDK was started here. */
  readonly startedSdk: boolean;
  shutdown(): Promise<void>;
}

/** Only these are hooked: wrapping every module breaks some applications. */
const MODULES = ['onnxruntime-node', ...TFJS_MODULES] as const;
/** How long the last flush may hold up the end of the process. */
const FLUSH_TIMEOUT_MS = 30_000;

export function registerLeeway(env: Environment): Registration {
  if (env.LEEWAY_DISABLED === 'true') return { modules: [], startedSdk: false, shutdown: async () => undefined };
  hookImports();
  const onnxruntime = new OnnxRuntimeInstrumentation();
  registerInstrumentations({ instrumentations: [onnxruntime, new TfjsInstrumentation()] });
  const startedSdk = env.OTEL_SDK_DISABLED !== 'true' && !hasSdk();
  const sdk = startedSdk ? startSdk(env) : undefined;
  const shutdown = once(async () => {
    // The queues first: what they lose shows in the last metrics.
    await withTimeout(
      flushInferences().then(() => sdk?.shutdown()),
      FLUSH_TIMEOUT_MS,
    );
  });
  if (sdk !== undefined) flushAtEnd(shutdown);
  warnWhenMissed(onnxruntime);
  sayWhatIsRegistered(env, startedSdk);
  return { modules: MODULES, startedSdk, shutdown };
}

function hookImports(): void {
  if (supportsSyncHooks()) registerSyncHooks({ include: [...MODULES] });
  else registerLoader('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include: [...MODULES] } });
}

function hasSdk(): boolean {
  const provider = trace.getTracerProvider();
  // Without an SDK the API hands out a proxy that has no delegate but its no-op.
  if (!(provider instanceof ProxyTracerProvider)) return true;
  return (
    provider.getDelegate().constructor.name !== 'NoopTracerProvider' ||
    metrics.getMeterProvider().constructor.name !== 'NoopMeterProvider'
  );
}

/**
 * The stock batch processor keeps 2,048 spans and drops what a burst brings beyond: the queue is made larger where the
 * environment does not say otherwise.
 */
function startSdk(env: Environment): { shutdown(): Promise<void> } {
  const defaults: Record<string, string> = {
    OTEL_BSP_MAX_QUEUE_SIZE: '16384',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_LOG_LEVEL: 'warn',
    OTEL_NODE_RESOURCE_DETECTORS: 'process,service',
  };
  for (const [name, value] of Object.entries(defaults)) if (env[name] === undefined) process.env[name] = value;
  return startNodeSdk(inferenceExport(process.env));
}

/** SIGTERM and SIGINT: flushes, then lets the signal do what it does; an application with a handler of its own decides. */
function flushAtEnd(shutdown: () => Promise<void>): void {
  process.once('beforeExit', () => void shutdown());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      const isAlone = process.listenerCount(signal) === 0;
      void shutdown().then(() => {
        if (isAlone) process.kill(process.pid, signal);
      });
    });
  }
}

const CHECK_AFTER_MS = 10_000;

/** Says once that a library was loaded and not patched: mostly because it was bundled, or loaded before. */
function warnWhenMissed(onnxruntime: OnnxRuntimeInstrumentation): void {
  const timer = setTimeout(() => {
    const { cache } = createRequire(import.meta.url);
    const isLoaded = Object.keys(cache).some((path) => /[\\/]onnxruntime-node[\\/]dist[\\/]index\.js$/.test(path));
    if (isLoaded && onnxruntime.patchedCount === 0) {
      process.stderr.write(
        'leeway: onnxruntime-node is loaded but not instrumented: start with node --import @leeway/register, before anything loads it\n',
      );
    }
  }, CHECK_AFTER_MS);
  timer.unref();
}

function sayWhatIsRegistered(env: Environment, startedSdk: boolean): void {
  if (env.LEEWAY_QUIET === 'true') return;
  const capture = env.LEEWAY_CAPTURE_FEATURES ?? 'none';
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://localhost:4318';
  const sdk = startedSdk ? `OTLP to ${endpoint}` : "the application's own OpenTelemetry SDK";
  process.stderr.write(`leeway: watching ${MODULES.join(', ')} · captured features: ${capture} · ${sdk}\n`);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

async function withTimeout(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
