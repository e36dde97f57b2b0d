/** What is said of a model with every inference, built once: the attributes of its spans, events and metrics. */
import {
  ATTR_ML_DEPLOYMENT_ROLE,
  ATTR_ML_MODEL_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_OWNER,
  ATTR_ML_MODEL_TASK,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_OPERATION_NAME,
  ATTR_ML_RUNTIME_NAME,
  ATTR_ML_RUNTIME_VERSION,
  ATTR_ML_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@leeway/semconv';
import { type Span, SpanKind, type SpanOptions } from '@opentelemetry/api';
import type { ModelInfo, RemoteServer } from './inference.ts';
import type { Instruments } from './instruments.ts';
import { LabelCounts } from './label-counts.ts';
import { MetricBinding } from './metric-binding.ts';

const OPERATION = 'predict';
/** Servers of one model that are told apart in metrics. */
const REMOTES_MAX = 100;

type Plain = Readonly<Record<string, string | number>>;

export class ModelBinding {
  readonly spanName: string;
  /** Of events, which stand alone. */
  readonly eventAttributes: Plain;
  readonly #model: ModelInfo;
  readonly #labelsMayLeave: boolean;
  readonly #common: Plain;
  /** For samplers. Few: the SDK copies and checks each twice, on spans too that are not recorded. */
  readonly #atStart: Plain;
  /** Set on spans that are recorded. */
  readonly #further: readonly (readonly [string, string | number])[];
  readonly #local: SpanOptions;
  readonly #remote = new Map<string, SpanOptions>();
  readonly #metrics = new Map<string, MetricBinding>();
  #localMetrics: MetricBinding | undefined;
  #labels: LabelCounts | undefined;
  #boundTo: Instruments | undefined;

  constructor(model: ModelInfo, labelsMayLeave: boolean) {
    this.#model = model;
    this.#labelsMayLeave = labelsMayLeave;
    this.spanName = `${OPERATION} ${model.name}`;
    this.#common = defined({
      [ATTR_ML_OPERATION_NAME]: OPERATION,
      [ATTR_ML_MODEL_NAME]: model.name,
      [ATTR_ML_MODEL_VERSION]: model.version,
      [ATTR_ML_DEPLOYMENT_ROLE]: model.role,
    });
    this.eventAttributes = this.#common;
    this.#atStart = { [ATTR_ML_MODEL_NAME]: model.name };
    const { [ATTR_ML_MODEL_NAME]: _, ...common } = this.#common;
    this.#further = Object.entries(
      defined({
        ...common,
        [ATTR_ML_MODEL_ID]: model.id,
        [ATTR_ML_MODEL_TASK]: model.task,
        [ATTR_ML_MODEL_OWNER]: model.owner,
        [ATTR_ML_RUNTIME_NAME]: model.runtimeName,
        [ATTR_ML_RUNTIME_VERSION]: model.runtimeVersion,
      }),
    );
    this.#local = { kind: SpanKind.INTERNAL, attributes: this.#atStart };
  }

  get identity(): { readonly model: string; readonly version: string | undefined } {
    return { model: this.#model.name, version: this.#model.version };
  }

  spanOptions(remote: RemoteServer | undefined): SpanOptions {
    if (remote === undefined) return this.#local;
    const key = keyOf(remote);
    const known = this.#remote.get(key);
    if (known !== undefined) return known;
    const made = { kind: SpanKind.CLIENT, attributes: { ...this.#atStart, ...serverAttributes(remote) } };
    if (this.#remote.size < REMOTES_MAX) this.#remote.set(key, made);
    return made;
  }

  /** What is not said at the span's start. */
  describe(span: Span): void {
    for (const [key, value] of this.#further) span.setAttribute(key, value);
  }

  metricsOf(instruments: Instruments, remote: RemoteServer | undefined): MetricBinding {
    if (instruments !== this.#boundTo) this.#bind(instruments);
    if (remote === undefined) {
      this.#localMetrics ??= this.#metricsWith({});
      return this.#localMetrics;
    }
    const key = keyOf(remote);
    const known = this.#metrics.get(key);
    if (known !== undefined) return known;
    if (this.#metrics.size >= REMOTES_MAX) return this.metricsOf(instruments, undefined);
    const made = this.#metricsWith(serverAttributes(remote));
    this.#metrics.set(key, made);
    return made;
  }

  #bind(instruments: Instruments): void {
    this.#boundTo = instruments;
    this.#metrics.clear();
    this.#localMetrics = undefined;
    this.#labels = new LabelCounts(instruments.predictions, this.#common, this.#model.classes, this.#labelsMayLeave);
  }

  #metricsWith(server: Plain): MetricBinding {
    return new MetricBinding(this.#boundTo!, { ...this.#common, ...server }, this.#labels!);
  }
}

function serverAttributes({ system, address, port }: RemoteServer): Plain {
  return defined({ [ATTR_ML_SYSTEM_NAME]: system, [ATTR_SERVER_ADDRESS]: address, [ATTR_SERVER_PORT]: port });
}

function keyOf({ system, address, port }: RemoteServer): string {
  return JSON.stringify([system, address, port]);
}

function defined(attributes: Readonly<Record<string, string | number | undefined>>): Plain {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Plain;
}
