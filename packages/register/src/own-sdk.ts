/**
 * The SDK that is started where the application has none. That is not known before the application's code has run: its
 * `new NodeSDK().start()` may stand anywhere. So nothing global is set until the first telemetry is made, which is when
 * the application has loaded its model; whoever has registered an SDK by then is joined.
 */
import { apiMismatch, onFirstUse } from '@leeway/instrumentation';
import * as api from '@opentelemetry/api';
import {
  DiagConsoleLogger,
  type DiagLogger,
  DiagLogLevel,
  diag,
  metrics,
  ProxyTracerProvider,
  trace,
} from '@opentelemetry/api';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import { exportEndpoint } from './export-endpoint.ts';
import { type ExportFault, exportFaultLogger } from './export-faults.ts';
import { inferenceExport } from './inference-export.ts';
import { isReachable } from './reachable.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `waiting`: nothing was recorded yet. `unusable`: the application's SDK is one that Leeway cannot see. */
export type SdkState = 'waiting' | 'application' | 'leeway' | 'none' | 'unusable';

export interface OwnSdkEvents {
  /** At the first telemetry, when it is decided whose SDK takes it. */
  readonly onDecided: (state: SdkState) => void;
  readonly onFault: (fault: ExportFault) => void;
  readonly write: (line: string) => void;
}

/** The stock batch processor keeps 2,048 spans and drops what a burst brings beyond. */
const DEFAULTS: Readonly<Record<string, string>> = {
  OTEL_BSP_MAX_QUEUE_SIZE: '16384',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_LOG_LEVEL: 'warn',
  OTEL_NODE_RESOURCE_DETECTORS: 'process,service',
};
/** Where every copy of the API of this major version keeps what was registered. */
const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');
const LEVELS: Readonly<Record<string, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

interface Flushable {
  forceFlush?(): Promise<void>;
}

export class OwnSdk {
  readonly #env: Environment;
  readonly #events: OwnSdkEvents;
  #sdk: { shutdown(): Promise<void> } | undefined;
  #state: SdkState = 'waiting';
  #logger: DiagLogger | undefined;

  constructor(env: Environment, events: OwnSdkEvents) {
    this.#env = env;
    this.#events = events;
    onFirstUse(() => this.#decide());
    if (env.LEEWAY_SDK === 'start') this.#decide();
  }

  get state(): SdkState {
    return this.#state === 'waiting' && apiMismatch() !== undefined ? 'unusable' : this.#state;
  }

  /** Never rejects: the last export's failure is told as any other's. */
  async shutdown(): Promise<void> {
    if (this.#sdk === undefined) return;
    try {
      await this.#sdk.shutdown();
    } catch (error) {
      this.#logger?.error('the last export failed:', error);
    }
  }

  /** Sends what there is and goes on, where somebody listens; never rejects. */
  async forceFlush(): Promise<void> {
    if (this.#sdk === undefined || !(await isReachable(exportEndpoint(this.#env)))) return;
    const tracers = trace.getTracerProvider();
    const logs = (api as unknown as { logs?: { getLoggerProvider(): object } }).logs;
    const providers = [
      tracers instanceof ProxyTracerProvider ? tracers.getDelegate() : tracers,
      metrics.getMeterProvider(),
      logs?.getLoggerProvider(),
    ];
    const flushed = providers.map((provider) => (provider as Flushable | undefined)?.forceFlush?.());
    for (const result of await Promise.allSettled(flushed))
      if (result.status === 'rejected') this.#logger?.error('an export failed:', result.reason);
  }

  #decide(): void {
    if (this.#state !== 'waiting') return;
    if (hasSdk()) this.#state = 'application';
    else if (this.#env.LEEWAY_SDK === 'app') this.#state = 'none';
    else {
      this.#sdk = this.#start();
      this.#state = 'leeway';
    }
    this.#events.onDecided(this.#state);
  }

  #start(): { shutdown(): Promise<void> } {
    const absent = Object.keys(DEFAULTS).filter((name) => !this.#env[name]);
    // For the SDK alone, which reads them while it starts: children of this process do not inherit them.
    for (const name of absent) process.env[name] = DEFAULTS[name];
    try {
      const sdk = startNodeSdk(inferenceExport(process.env));
      const { write, onFault } = this.#events;
      const endpoint = exportEndpoint(this.#env);
      const sources = { endpoint, nowMs: () => performance.now(), write, onFault };
      this.#logger = exportFaultLogger(new DiagConsoleLogger(), sources);
      diag.setLogger(this.#logger, {
        logLevel: LEVELS[this.#env.OTEL_LOG_LEVEL?.toLowerCase() ?? ''] ?? DiagLogLevel.WARN,
        suppressOverrideMessage: true,
      });
      return sdk;
    } finally {
      for (const name of absent) delete process.env[name];
    }
  }
}

/** Of whichever copy of the API, and whichever version: two SDKs would not fit beside each other. */
function hasSdk(): boolean {
  const api = (globalThis as { [API_GLOBAL]?: { readonly trace?: unknown; readonly metrics?: unknown } })[API_GLOBAL];
  return api?.trace !== undefined || api?.metrics !== undefined;
}
