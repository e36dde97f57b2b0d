/**
 * The process: reads configuration and references, wires receiver, pipeline and exporters together, reloads, and stops
 * cleanly. Time, environment, network and disk enter here and nowhere else.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { milliseconds, policyFor, type ReferenceEntry, windowSettings } from '@leeway/engine';
import {
  createPrometheusRegistry,
  LAST_EXPORT_MS,
  LabelMetrics,
  type MetricSource,
  ModelMetrics,
  type OtlpExport,
  startOtlpExport,
} from '@leeway/exporter';
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@leeway/semconv';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { type Logger, pino } from 'pino';
import { type AdminServer, startAdminServer } from './admin-server.ts';
import { Alarms, logAlarm } from './alarms/alarms.ts';
import { exportsOtlp } from './config/export-signals.ts';
import { labelSettings } from './config/labels.ts';
import { type Config, parseListen } from './config/schema.ts';
import { webhookSettings } from './config/webhooks.ts';
import { expectation } from './expectation.ts';
import { ExportWatch, messageOf } from './export-watch.ts';
import { labelsView } from './labels/labels-view.ts';
import { addressOf, allowedHosts, requireProtection } from './listeners.ts';
import { defaultMemoryBytesMax, Overload } from './overload.ts';
import { OwnMetrics } from './own-metrics.ts';
import { NO_TRACES, type OwnTraces, startOwnTraces } from './own-traces.ts';
import { Pipeline } from './pipeline.ts';
import { type Receiver, startReceiver } from './receive/index.ts';
import { changedSettings, runningConfig, settingsThatNeedRestart } from './reload-plan.ts';
import { ReloadWatch } from './reload-watch.ts';
import { NAMES_SHOWN, NO_REFERENCE, schemaDetails } from './schema-details.ts';
import { shardSettings } from './shard-settings.ts';
import { asSidecarError } from './sidecar-error.ts';
import { readSource, type Source, sourceNotes } from './source.ts';

export interface SidecarOptions {
  /** Path of the YAML file; undefined for the defaults. */
  readonly configFile?: string;
  /** Profiles beside those of the file: each applies to its model in all versions. */
  readonly referenceFiles?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds; a test may bring its own clock. */
  readonly now?: () => number;
  /** Takes lines of JSON. Default: stderr. */
  readonly logTo?: { write(line: string): void };
}

export interface Sidecar {
  /** Of the OTLP receiver. */
  readonly otlpUrl: string;
  /** Of /metrics, /healthz and /readyz. */
  readonly httpUrl: string;
  readonly pipeline: Pipeline;
  /** Reads configuration, references, tokens and certificates again. False when they do not validate: nothing changed. */
  reload(): Promise<boolean>;
  /** Stops receiving, evaluates and exports the last window, ends: within ten seconds, whatever the backend does. */
  stop(): Promise<void>;
}

/** Reports are taken at least so often, and four times a pane. */
const TICK_MS_MAX = 1_000;
const TICK_MS_MIN = 50;
/** For the requests under way at the stop. */
const RECEIVER_GRACE_MS = 2_000;
/** For the last export to a backend that failed before: it will hardly be back. */
const LAST_EXPORT_DOWN_MS = 2_000;
const MEMORY_BYTES_MAX = defaultMemoryBytesMax();
const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

/** @throws SidecarError when configuration or references are wrong, naming file, place and fix */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const source = readSource(options);
  const destination = options.logTo ?? pino.destination({ fd: 2, sync: false });
  const log = pino({ level: source.config.log_level, base: { name: 'leeway' } }, destination);
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
  readonly #alarms: Alarms;
  #timer: NodeJS.Timeout | undefined;
  readonly #overload: Overload;
  readonly #exportWatch: ExportWatch;
  readonly #sources: readonly MetricSource[];
  #reloading: Promise<unknown> = Promise.resolve();
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
        failures: () => ({ traces: this.#traces.failures, logs: this.#alarms.eventFailures }),
        queue: () => this.#overload.queue,
      },
      this.#now(),
    );
    const elapsedMs = () => performance.now();
    this.#overload = new Overload({
      memoryBytesMax: () => this.#source.config.limits.memory_bytes ?? MEMORY_BYTES_MAX,
      bodyBytesMax: source.config.limits.body_bytes,
      elapsedMs,
    });
    this.#exportWatch = new ExportWatch(log, elapsedMs);
    this.#alarms = new Alarms({
      now: this.#now,
      random: Math.random,
      onAlarm: (message) => logAlarm(this.#log, message),
      onFault: (webhook, error) => this.#log.error({ webhook, error }, 'an alarm was not delivered yet'),
    });
    this.#sources = [
      this.#alarms,
      this.#own,
      new ModelMetrics(this.pipeline.models, this.#now()),
      new LabelMetrics(() => labelsView(this.pipeline.labels), this.#now()),
    ];
    this.#watch = new ReloadWatch(() => void this.reload());
  }

  get otlpUrl(): string {
    return this.#receiver?.url ?? '';
  }

  get httpUrl(): string {
    return this.#admin?.url ?? '';
  }

  async start(): Promise<void> {
    const { config, warnings } = this.#source;
    const { env } = this.#options;
    try {
      await this.#listen();
      this.#applyExport(config);
      if (exportsOtlp(config, env, 'LOGS')) this.#alarms.startEvents(this.#resource, env);
      this.#alarms.apply(webhookSettings(config, this.#options.configFile), config.alarms.runbooks);
      if (exportsOtlp(config, env, 'TRACES')) this.#traces = startOwnTraces(this.#resource, env, this.#now);
    } catch (error) {
      await this.#receiver?.stop(0);
      await this.#admin?.close();
      await this.pipeline.close();
      throw asSidecarError(error);
    }
    for (const note of [...warnings, ...sourceNotes(this.#source)]) this.#log.warn(note);
    await this.pipeline.tick();
    const tickMs = Math.min(TICK_MS_MAX, Math.max(TICK_MS_MIN, windowSettings(config).paneMs / 4));
    this.#timer = setInterval(() => void this.#tick(), tickMs);
    this.#watch.watch(this.#source.files);
    this.#receiver?.markReady();
    this.#sayReady();
    // Now, not in a minute: a backend that is not there is found while somebody looks.
    void this.#otlp?.flush();
  }

  reload(): Promise<boolean> {
    const reloaded = this.#reloading.then(() => this.#reload());
    this.#reloading = reloaded;
    return reloaded;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Never rejects. */
  async #reload(): Promise<boolean> {
    const before = this.#source;
    try {
      const after = readSource(this.#options);
      const changed = changedSettings(before.config, after.config);
      const needRestart = settingsThatNeedRestart(before.config, after.config);
      const config = runningConfig(before.config, after.config);
      requireProtection(config);
      this.#source = { ...after, config };
      await this.pipeline.configure(after.references);
      const { bearerTokens, tls } = after.secrets;
      const listeners = { bearerTokens, allowedHosts: allowedHosts(config), ...(tls === undefined ? {} : { tls }) };
      this.#receiver?.reload(listeners);
      this.#admin?.reload(listeners);
      this.#applyExport(config);
      if (changed.some((path) => /^alarms\.(webhooks|runbooks)/.test(path)))
        this.#alarms.apply(webhookSettings(config, this.#options.configFile), config.alarms.runbooks);
      this.#log.level = config.log_level;
      this.#watch.watch(after.files);
      this.#lastReloadError = undefined;
      for (const note of [...after.warnings, ...sourceNotes(this.#source)]) this.#log.warn(note);
      if (needRestart.length > 0)
        this.#log.warn({ settings: needRestart }, 'these settings take effect at the next start');
      this.#log.info({ references: after.references.length, changed }, 'configuration and references reloaded');
      return true;
    } catch (error) {
      this.#source = before;
      this.#lastReloadError = error instanceof Error ? error.message : String(error);
      this.#log.error({ error: this.#lastReloadError }, 'reload refused: nothing changed');
      return false;
    }
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#watch.close();
    const exported = this.#exportsMetrics ? this.#otlp : undefined;
    const boundMs = this.#exportWatch.isDown ? LAST_EXPORT_DOWN_MS : LAST_EXPORT_MS;
    this.#log.info(
      exported === undefined
        ? 'stopping'
        : `stopping; last export to ${exported.url} (up to ${(RECEIVER_GRACE_MS + boundMs) / 1000} s); a second signal ends at once`,
    );
    await this.#receiver?.stop(RECEIVER_GRACE_MS);
    await this.pipeline
      .tick(true)
      .catch((error: unknown) => this.#log.error({ error: String(error) }, 'last evaluation failed'));
    this.#alarms.look(this.pipeline.models.monitored());
    await Promise.all([
      this.#lastExport(exported, boundMs),
      this.#traces.shutdown(boundMs),
      this.#alarms.shutdown(LAST_EXPORT_DOWN_MS),
    ]);
    await this.#admin?.close();
    await this.pipeline.close();
    this.#log.info('leeway stopped');
    await new Promise<void>((resolve) => this.#log.flush(() => resolve()));
  }

  async #lastExport(otlp: OtlpExport | undefined, boundMs: number): Promise<void> {
    if (otlp === undefined) return;
    const failedBefore = otlp.producer.counts.failed;
    const error = await otlp.shutdown(boundMs);
    if (error === undefined) return;
    const points = otlp.producer.counts.failed - failedBefore;
    this.#log.error(
      { url: otlp.url, error: messageOf(error), points },
      `the last export failed: ${points} points of the last windows were dropped`,
    );
  }

  get #exportsMetrics(): boolean {
    return exportsOtlp(this.#source.config, this.#options.env, 'METRICS');
  }

  async #listen(): Promise<void> {
    const { config, secrets } = this.#source;
    const { listen, limits } = config;
    const target = parseListen(listen.otlp_http);
    if (target === undefined) throw new RangeError(`${JSON.stringify(listen.otlp_http)} is no address`);
    const { bearerTokens, tls } = secrets;
    const names = { bearerTokens, allowedHosts: allowedHosts(config), ...(tls === undefined ? {} : { tls }) };
    this.#receiver = await startReceiver(
      {
        ...names,
        listen: target,
        insecureBind: listen.insecure_bind,
        isOverloaded: () => this.#overload.isOverloaded(),
        limits: { bodyBytesMax: limits.body_bytes, inFlightBytesMax: limits.in_flight_bytes },
      },
      this.#overload.guard((batch) => this.pipeline.append(batch)),
    );
    const metrics = createPrometheusRegistry(this.#sources);
    this.#admin = await startAdminServer({
      ...names,
      ...addressOf(listen.http),
      metrics,
      health: () => this.#health(),
    });
  }

  /** Starts, changes, pauses or resumes the export, as the configuration asks. */
  #applyExport(config: Config): void {
    const intervalMs = config.export.interval === undefined ? undefined : milliseconds(config.export.interval);
    if (!exportsOtlp(config, this.#options.env, 'METRICS')) this.#otlp?.pause();
    else if (this.#otlp !== undefined) this.#otlp.changeInterval(intervalMs);
    else
      this.#otlp = startOtlpExport({
        sources: this.#sources,
        resource: this.#resource,
        env: this.#options.env,
        now: this.#now,
        version: VERSION,
        ...(intervalMs === undefined ? {} : { intervalMs }),
        onFailure: (error) => this.#exportWatch.onResult(this.#otlp?.url ?? '', error),
        onSuccess: () => this.#exportWatch.onResult(this.#otlp?.url ?? '', undefined),
      });
  }

  #sayReady(): void {
    const { config, references } = this.#source;
    const { expect, ...what } = expectation(config, references);
    const exportTo = this.#otlp?.url ?? 'nowhere: set OTEL_EXPORTER_OTLP_ENDPOINT to export over OTLP';
    this.#log.info(
      { otlp: this.otlpUrl, metrics: `${this.httpUrl}/metrics`, exportTo, references: references.length, ...what },
      `leeway is ready: ${expect}`,
    );
    if (references.length === 0)
      this.#log.warn('no references: models are seen and counted, not compared; make one with leeway profile');
  }

  async #tick(): Promise<void> {
    try {
      await this.pipeline.tick();
      this.#alarms.look(this.pipeline.models.monitored());
    } catch (error) {
      this.#log.error({ error: error instanceof Error ? error.message : String(error) }, 'evaluation failed');
    }
  }

  #newPipeline(config: Config, references: readonly ReferenceEntry[]): Pipeline {
    const window = windowSettings(config);
    try {
      return new Pipeline({
        shard: shardSettings(config),
        ...(config.labels === undefined ? {} : { labels: labelSettings(config.labels, this.#options.configFile) }),
        window,
        policyOf: (reference) => policyFor(this.#source.config, reference),
        references,
        workerCount: config.workers,
        retireAfterMs: () => milliseconds(this.#source.config.retire_after),
        now: this.#now,
        elapsedMs: () => performance.now(),
        pause: () => new Promise((resolve) => setImmediate(resolve)),
        onEvaluation: (model, evaluation, durationMs) => {
          this.#own.recordEvaluation(durationMs);
          this.#traces.evaluated(model, evaluation, durationMs);
        },
        onWorkerCrash: (error) =>
          this.#log.error({ error: error.message }, 'a worker died; rows of its open panes are lost'),
        onLabelFault: (error) =>
          this.#log.error({ error: error.message }, 'labels were not taken in: see leeway.labels.dropped'),
        onUnknownModel: ({ featureNames, ...model }) =>
          this.#log.warn({ ...model, features: featureNames.slice(0, NAMES_SHOWN) }, NO_REFERENCE),
      });
    } catch (error) {
      throw asSidecarError(error);
    }
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
        ...(this.#exportWatch.isDown
          ? { export: `the OTLP backend at ${this.#otlp?.url} does not take metrics; see leeway.export.failures` }
          : {}),
        ...(this.#alarms.faults.length === 0 ? {} : { webhooks: this.#alarms.faults }),
        ...(this.#lastReloadError === undefined ? {} : { reload: this.#lastReloadError }),
      },
    };
  }
}
