/**
 * Inference over HTTP as an OpenTelemetry instrumentation. It patches nothing, so it implements the interface without
 * the base class and its module hooks, and works whenever it is enabled, before or after the application loads.
 */
import {
  type CaptureOptions,
  capturePolicy,
  setMeterProvider,
  setTracerProvider,
  warnOfSettings,
} from '@leeway/instrumentation';
import { diag, type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import { KNOWN_PROTOCOLS } from './known-protocols.ts';
import { type PatternFile, protocolsOf, protocolsOfFile } from './pattern-file.ts';
import { RemoteInferences } from './remote-inferences.ts';
import { UndiciChannels } from './undici-channels.ts';

export interface InferenceHttpOptions extends PatternFile {
  readonly enabled?: boolean;
  readonly capture?: CaptureOptions;
  /** Larger request bodies are not read. Default 1 MiB. */
  readonly requestBytesMax?: number;
  /** Larger response bodies are not read; 0: none is. Default 1 MiB. */
  readonly responseBytesMax?: number;
  /** Whether the server's span gets the inference's as its parent where nobody else propagates. Default true. */
  readonly propagate?: boolean;
}

const NAME = '@leeway/instrumentation-inference-http';
const VERSION = '0.1.0';
const BODY_BYTES_MAX = 2 ** 20;
/** One a process, whichever copy of this package: two would count each inference twice. */
const ENABLED = Symbol.for('leeway.instrumentation-inference-http');

type Process = typeof globalThis & { [ENABLED]?: unknown };

/**
 * Watches fetch and undici for requests to models.
 *
 * @throws TypeError for patterns that cannot be used
 * @example
 * registerInstrumentations({
 *   instrumentations: [new InferenceHttpInstrumentation({ models: { iris: { features: ['a', 'b'] } } })],
 * });
 */
export class InferenceHttpInstrumentation {
  readonly instrumentationName: string = NAME;
  readonly instrumentationVersion: string = VERSION;
  readonly #channels: UndiciChannels | undefined;
  #config: InferenceHttpOptions;
  #isEnabled = false;

  constructor(options: InferenceHttpOptions = {}) {
    this.#config = options;
    const policy = capturePolicy(options.capture ?? {}, process.env, warnOfSettings);
    if (policy.isDisabled) return;
    const own = [...protocolsOf(options), ...protocolsOfFile(process.env.LEEWAY_HTTP_PATTERNS, warnOfSettings)];
    this.#channels = new UndiciChannels({
      inferences: new RemoteInferences(policy),
      protocols: [...own, ...Object.values(KNOWN_PROTOCOLS)],
      requestBytesMax: options.requestBytesMax ?? BODY_BYTES_MAX,
      responseBytesMax: options.responseBytesMax ?? BODY_BYTES_MAX,
      propagate: options.propagate ?? true,
    });
    if (options.enabled !== false) this.enable();
  }

  /** Whether requests are watched by this instance. */
  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  enable(): void {
    if (this.#isEnabled || this.#channels === undefined) return;
    const { [ENABLED]: other } = globalThis as Process;
    if (other !== undefined) {
      diag.warn(`${NAME}: another instance is enabled already; this one stays off, so that nothing is counted twice`);
      return;
    }
    (globalThis as Process)[ENABLED] = this;
    this.#channels.subscribe();
    this.#isEnabled = true;
  }

  disable(): void {
    if (!this.#isEnabled) return;
    this.#channels?.unsubscribe();
    delete (globalThis as Process)[ENABLED];
    this.#isEnabled = false;
  }

  setTracerProvider(provider: TracerProvider): void {
    setTracerProvider(provider === trace.getTracerProvider() ? undefined : provider);
  }

  setMeterProvider(provider: MeterProvider): void {
    // The global one of now may be the no-op of before an SDK: follow the global, whichever it becomes.
    setMeterProvider(provider === metrics.getMeterProvider() ? undefined : provider);
  }

  /** What the instance was made with; only `enabled` may change later. */
  setConfig(config: InferenceHttpOptions): void {
    this.#config = { ...this.#config, enabled: config.enabled };
  }

  getConfig(): InferenceHttpOptions {
    return this.#config;
  }
}
