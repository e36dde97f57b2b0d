/**
 * The process: reads configuration and references, wires receiver, pipeline and exporters together, reloads, and stops
 * cleanly. Time, environment, network and disk enter here and nowhere else.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { milliseconds, policyFor, type ReferenceEntry, windowSettings } from '@leeway/engine';
import { createPrometheusRegistry, ModelMetrics, type OtlpExport, startOtlpExport } from '@leeway/exporter';
import type { HashSeed } from '@leeway/intake';
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@leeway/semconv';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { type Logger, pino } from 'pino';
import { type AdminServer, startAdminServer } from './admin-server.ts';
import { type Address, type Config, parseAddress } from './config/schema.ts';
import { OwnMetrics } from './own-metrics.ts';
import { NO_TRACES, type OwnTraces, startOwnTraces } from './own-traces.ts';
import { Pipeline } from './pipeline.ts';
import { type Receiver, startReceiver } from './receive/index.ts';
import { ReloadWatch } from './reload-watch.ts';
import { SidecarError } from './sidecar-error.ts';
import { readSource, type Source, sourceNotes } from './source.ts';

export interface SidecarOptions {
  /** Path of the YAML file; undefined for the defaults. */
  readonly configFile?: string;
  /** Profiles beside those of the file: each applies to its model in all versions. */
  readonly referenceFiles?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds; a test may bring its own clock. */
  readonly now?: () => number;
}

export interface Sidecar {
  /** Of the OTLP receiver. */
  readonly otlpUrl: string;
  /** Of /metrics, /healthz and /readyz. */
  readonly httpUrl: string;
  readonly pipeline: Pipeline;
  /** Reads configuration and references again. False when they do not validate: then nothing changed. */
  reload(): Promise<boolean>;
  /** Stops receiving, evaluates and exports the last window, ends. */
  stop(): Promise<void>;
}

/** Reports are taken at least so often, and four times a pane. */
const TICK_MS_MAX = 1_000;
const TICK_MS_MIN = 50;
/** Of models that have no reference, or another one than they send for, in /healthz and in the log. */
const MODELS_SHOWN = 20;
const NAMES_SHOWN = 20;
const NO_REFERENCE =
  'this model has no reference: it is counted, not compared; make one with leeway profile and list it under references';
const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

/** @throws SidecarError when configuration or references are wrong, naming file, place and fix */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const source = readSource(options);
  const log = pino(
    { level: source.config.log_level, base: { name: 'leeway' } },
    pino.destination({ fd: 2, sync: false }),
  );
  const running = new RunningSidecar(options, source, log);
  await running.start();
  return running;
}

class RunningSidecar implements Sidecar {
  readonly pipeline: Pipeline;
  readonly #options: SidecarOptions;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #own: OwnMetrics;
  readonly #resource: Resource;
  readonly #watch: ReloadWatch;
  #source: Source;
  #receiver: Receiver | undefined;
  #admin: AdminServer | undefined;
  #otlp: OtlpExport | undefined;
  #traces: OwnTraces = NO_TRACES;
  #timer: NodeJS.Timeout | undefined;
  #exportIsDown = false;
  #lastReloadError: string | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: SidecarOptions, source: Source, log: Logger) {
    this.#options = options;
    this.#source = source;
    this.#log = log;
    this.#now = options.now ?? Date.now;
    this.#resource = resourceFromAttributes({
      [ATTR_SERVICE_NAME]: options.env.OTEL_SERVICE_NAME ?? 'leeway',
      [ATTR_SERVICE_VERSION]: VERSION,
      [ATTR_SERVICE_INSTANCE_ID]: `${hostname()}-${randomUUID().slice(0, 8)}`,
    });
    this.pipeline = this.#newPipeline(source.config, source.references);
    this.#own = new OwnMetrics(
      {
        version: VERSION,
        books: () => this.pipeline.books,
        dedupReachMs: () => this.pipeline.dedupReachMs,
        workerCrashCount: () => this.pipeline.workerCrashCount,
        lost: () => this.pipeline.lost,
        unreferencedCount: () => this.pipeline.unknownModels.length,
        receiver: () => {
          const counters = this.#receiver?.counters;
          if (counters === undefined) return undefined;
          return {
            requests: counters.requests(),
            bodyBytes: counters.bodyBytes,
            inFlightBytes: counters.inFlightBytes,
          };
        },
        exports: () =>
          this.#otlp === undefined ? undefined : { counts: this.#otlp.producer.counts, failures: this.#otlp.failures },
      },
      this.#now(),
    );
    this.#watch = new ReloadWatch(() => void this.reload());
  }

  get otlpUrl(): string {
    return this.#receiver?.url ?? '';
  }

  get httpUrl(): string {
    return this.#admin?.url ?? '';
  }

  async start(): Promise<void> {
    const { config } = this.#source;
    const { env } = this.#options;
    const sources = [this.#own, new ModelMetrics(this.pipeline.models, this.#now())];
    try {
      this.#receiver = await this.#startReceiver(config);
      const { host, port } = addressOf(config.listen.http);
      const metrics = createPrometheusRegistry(sources);
      this.#admin = await startAdminServer({ host, port, metrics, health: () => this.#health() });
    } catch (error) {
      await this.#receiver?.stop();
      await this.pipeline.close();
      throw asSidecarError(error);
    }
    if (exportsOtlp(config, env, 'METRICS')) {
      this.#otlp = startOtlpExport({
        sources,
        resource: this.#resource,
        env,
        now: this.#now,
        version: VERSION,
        ...(config.export.interval === undefined ? {} : { intervalMs: milliseconds(config.export.interval) }),
        onFailure: (error) => this.#onExport(error),
        onSuccess: () => this.#onExport(undefined),
      });
    }
    if (exportsOtlp(config, env, 'TRACES') && env.OTEL_TRACES_EXPORTER !== 'none')
      this.#traces = startOwnTraces(this.#resource, env, this.#now);
    await this.pipeline.tick();
    const { paneMs } = windowSettings(config);
    const tickMs = Math.min(TICK_MS_MAX, Math.max(TICK_MS_MIN, paneMs / 4));
    this.#timer = setInterval(() => void this.#tick(), tickMs);
    this.#watch.watch(this.#source.files);
    this.#receiver.markReady();
    const { references } = this.#source;
    this.#log.info(
      { otlp: this.otlpUrl, metrics: `${this.httpUrl}/metrics`, references: references.length },
      'leeway is ready',
    );
    for (const note of sourceNotes(this.#source)) this.#log.warn(note);
    if (references.length === 0)
      this.#log.warn('no references: models are seen and counted, not compared; make one with leeway profile');
  }

  async reload(): Promise<boolean> {
    try {
      const source = readSource(this.#options);
      await this.pipeline.configure(source.references);
      const changed = settingsThatNeedRestart(this.#source.config, source.config);
      if (changed.length > 0) this.#log.warn({ settings: changed }, 'these settings take effect at the next start');
      this.#source = { ...source, config: this.#source.config };
      this.#watch.watch(source.files);
      this.#lastReloadError = undefined;
      this.#log.info({ references: source.references.length }, 'references reloaded');
      for (const note of sourceNotes(this.#source)) this.#log.warn(note);
      return true;
    } catch (error) {
      this.#lastReloadError = error instanceof Error ? error.message : String(error);
      this.#log.error({ error: this.#lastReloadError }, 'reload refused: nothing changed');
      return false;
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#watch.close();
    await this.#receiver?.stop();
    await this.pipeline
      .tick(true)
      .catch((error: unknown) => this.#log.error({ error: String(error) }, 'last evaluation failed'));
    await this.#otlp
      ?.shutdown()
      .catch((error: unknown) => this.#log.error({ error: String(error) }, 'last export failed'));
    await this.#traces.shutdown().catch(() => undefined);
    await this.#admin?.close();
    await this.pipeline.close();
    this.#log.info('leeway stopped');
  }

  async #tick(): Promise<void> {
    try {
      await this.pipeline.tick();
    } catch (error) {
      this.#log.error({ error: error instanceof Error ? error.message : String(error) }, 'evaluation failed');
    }
  }

  #newPipeline(config: Config, references: readonly ReferenceEntry[]): Pipeline {
    const window = windowSettings(config);
    const { limits } = config;
    try {
      return new Pipeline({
        shard: {
          paneMs: window.paneMs,
          latenessMs: window.latenessMs,
          skewMs: window.skewMs,
          mode: window.mode,
          bodyBytesMax: limits.body_bytes,
          environmentsMax: limits.environments,
          modelsMax: limits.models,
          versionsMax: limits.versions,
          dedupIdsMax: limits.dedup_ids,
          hashSeed: randomSeed(),
        },
        window,
        policyOf: (reference) => policyFor(config, reference),
        references,
        workerCount: config.workers,
        retireAfterMs: milliseconds(config.retire_after),
        now: this.#now,
        elapsedMs: () => performance.now(),
        pause: () => new Promise((resolve) => setImmediate(resolve)),
        onEvaluation: (model, evaluation, durationMs) => {
          this.#own.recordEvaluation(durationMs);
          this.#traces.evaluated(model, evaluation, durationMs);
        },
        onWorkerCrash: (error) =>
          this.#log.error({ error: error.message }, 'a worker died; rows of its open panes are lost'),
        onUnknownModel: ({ featureNames, ...model }) =>
          this.#log.warn({ ...model, features: featureNames.slice(0, NAMES_SHOWN) }, NO_REFERENCE),
      });
    } catch (error) {
      throw asSidecarError(error);
    }
  }

  #startReceiver({ listen, limits }: Config): Promise<Receiver> {
    const token = listen.bearer_token_file === undefined ? undefined : readText(listen.bearer_token_file).trim();
    const tls = listen.tls;
    return startReceiver(
      {
        listen: addressOf(listen.otlp_http),
        insecureBind: listen.insecure_bind,
        ...(token === undefined ? {} : { bearerTokens: [token] }),
        ...(tls === undefined
          ? {}
          : {
              tls: {
                cert: readText(tls.cert_file),
                key: readText(tls.key_file),
                ...(tls.client_ca_file === undefined ? {} : { clientCa: readText(tls.client_ca_file) }),
              },
            }),
        limits: { bodyBytesMax: limits.body_bytes, inFlightBytesMax: limits.in_flight_bytes },
      },
      (batch) => this.pipeline.append(batch),
    );
  }

  #health() {
    const { references } = this.#source;
    return {
      isReady: this.#receiver?.state === 'ready' && this.pipeline.downCount === 0,
      details: {
        version: VERSION,
        references: references.length,
        ...schemaDetails(this.pipeline),
        ...(this.pipeline.downCount === 0 ? {} : { workers: 'a worker died too often and stays down: restart leeway' }),
        ...(this.#exportIsDown ? { export: 'the OTLP backend does not take metrics; see leeway.export.failures' } : {}),
        ...(this.#lastReloadError === undefined ? {} : { reload: this.#lastReloadError }),
      },
    };
  }

  /** Says once that the backend is down, and once that it is back. */
  #onExport(error: Error | undefined): void {
    if ((error !== undefined) === this.#exportIsDown) return;
    this.#exportIsDown = error !== undefined;
    if (error === undefined) this.#log.info('the OTLP backend takes metrics again');
    else
      this.#log.error(
        { error: error.message },
        'the OTLP backend does not take metrics; evaluation goes on, /metrics stays',
      );
  }
}

/** What senders send and no reference knows: the first of each, by name. */
function schemaDetails({ unknownModels, ignoredFeatures }: Pipeline): Record<string, unknown> {
  const shown = unknownModels.slice(0, MODELS_SHOWN).map(({ environment, model, version, rowCount, featureNames }) => ({
    environment,
    model,
    version,
    rows: rowCount,
    features: featureNames.slice(0, NAMES_SHOWN),
  }));
  return {
    ...(unknownModels.length === 0
      ? {}
      : { models_without_reference: { count: unknownModels.length, fix: NO_REFERENCE, models: shown } }),
    ...(ignoredFeatures.length === 0 ? {} : { features_not_in_reference: ignoredFeatures.slice(0, MODELS_SHOWN) }),
  };
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(`${JSON.stringify(text)} is no host:port`);
  return address;
}

/** 64 bits that senders cannot know: the tables that their names and ids go into are keyed with them. */
function randomSeed(): HashSeed {
  const [first, second] = crypto.getRandomValues(new Int32Array(2));
  return [first, second];
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

function exportsOtlp({ export: { otlp } }: Config, env: SidecarOptions['env'], signal: 'METRICS' | 'TRACES'): boolean {
  if (otlp === 'off' || env.OTEL_SDK_DISABLED === 'true') return false;
  const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint !== undefined && endpoint !== '' ? true : otlp === 'on' && signal === 'METRICS';
}

/** References reload; everything else is fixed at the start. */
function settingsThatNeedRestart(before: Config, after: Config): string[] {
  return Object.keys(after).filter(
    (key) =>
      key !== 'references' &&
      JSON.stringify(before[key as keyof Config]) !== JSON.stringify(after[key as keyof Config]),
  );
}

function asSidecarError(error: unknown): SidecarError {
  if (error instanceof SidecarError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new SidecarError([`${message}: another process listens there: set listen.otlp_http or listen.http`]);
  return new SidecarError([message]);
}
