/** Alarms of the sidecar: what changed is logged, counted, told over OTLP and posted to webhooks. */
import { ALARM_TRANSITIONS, type AlarmChange, SIGNALS, type WatchedModel } from '@leeway/engine';
import { type Environment, KnownAttributes, type MetricFamily, type MetricSource } from '@leeway/exporter';
import {
  ATTR_LEEWAY_OUTCOME,
  ATTR_ML_ALARM_TRANSITION,
  ATTR_ML_SIGNAL,
  METRIC_LEEWAY_ALARMS,
  METRIC_LEEWAY_WEBHOOK_DELIVERIES,
} from '@leeway/semconv';
import type { Resource } from '@opentelemetry/resources';
import type { Logger } from 'pino';
import { type AlarmEvents, NO_ALARM_EVENTS, startAlarmEvents } from './alarm-events.ts';
import { type AlarmMessage, alarmMessage, isOver } from './alarm-message.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { WEBHOOK_OUTCOMES, Webhook, type WebhookSettings } from './webhook.ts';

export interface AlarmSources {
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
  readonly onAlarm: (message: AlarmMessage) => void;
  /** A webhook did not take a message, for another reason than the last time. */
  readonly onFault: (origin: string, why: string) => void;
}

/** Webhooks that were replaced finish what they have, for so long. */
const REPLACED_MS = 2_000;

export class Alarms implements MetricSource {
  readonly startMs: number;
  readonly #sources: AlarmSources;
  readonly #attributes = new KnownAttributes();
  readonly #watch: AlarmWatch;
  readonly #counts = new Map<string, number>();
  #runbooks: string | undefined;
  #events: AlarmEvents = NO_ALARM_EVENTS;
  #webhooks: readonly Webhook[] = [];
  /** Their counts go on. */
  readonly #replaced: Webhook[] = [];

  constructor(sources: AlarmSources) {
    this.startMs = sources.now();
    this.#sources = sources;
    this.#watch = new AlarmWatch((model, change) => this.#tell(model, change));
  }

  /** Events go over OTLP from now on. @throws RangeError for a protocol that is not supported */
  startEvents(resource: Resource, env: Environment): void {
    this.#events = startAlarmEvents(resource, env);
  }

  /** @param runbooks base of the runbooks' addresses, if there are any */
  apply(webhooks: readonly WebhookSettings[], runbooks: string | undefined): void {
    this.#runbooks = runbooks;
    for (const webhook of this.#webhooks) void webhook.close(REPLACED_MS);
    this.#replaced.push(...this.#webhooks);
    const { now, random, onFault } = this.#sources;
    this.#webhooks = webhooks.map((settings) => new Webhook(settings, { now, random, onFault }));
  }

  look(models: Iterable<WatchedModel>): void {
    this.#watch.look(models);
  }

  /** What keeps webhooks from taking messages, one sentence each. */
  get faults(): readonly string[] {
    return this.#webhooks.flatMap(({ origin, fault }) => (fault === undefined ? [] : [`${origin}: ${fault}`]));
  }

  /** Exports of events that failed, by class of error. */
  get eventFailures(): ReadonlyMap<string, number> {
    return this.#events.failures;
  }

  collect(): MetricFamily[] {
    const alarms = SIGNALS.flatMap((signal) =>
      ALARM_TRANSITIONS.map((transition) => ({
        attributes: this.#attributes.of({ [ATTR_ML_SIGNAL]: signal, [ATTR_ML_ALARM_TRANSITION]: transition }),
        value: this.#counts.get(`${signal} ${transition}`) ?? 0,
      })),
    );
    const deliveries = WEBHOOK_OUTCOMES.map((outcome) => ({
      attributes: this.#attributes.of({ [ATTR_LEEWAY_OUTCOME]: outcome }),
      value: [...this.#replaced, ...this.#webhooks].reduce((sum, { counts }) => sum + counts[outcome], 0),
    }));
    return [
      { name: METRIC_LEEWAY_ALARMS, points: alarms },
      { name: METRIC_LEEWAY_WEBHOOK_DELIVERIES, points: deliveries },
    ];
  }

  /** Sends what is left, each way for at most `boundMs`. */
  async shutdown(boundMs: number): Promise<void> {
    const closing = this.#webhooks.map((webhook) => webhook.close(boundMs));
    await Promise.all([this.#events.shutdown(boundMs), ...closing]);
  }

  #tell(model: WatchedModel, change: AlarmChange): void {
    const key = `${change.signal} ${change.transition}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    const message = alarmMessage(model, model.reference, change, this.#runbooks);
    this.#sources.onAlarm(message);
    this.#events.emit(message);
    for (const webhook of this.#webhooks) webhook.send(message);
  }
}

/** One line: a warning while something is to be done. */
export function logAlarm(log: Logger, message: AlarmMessage): void {
  const { transition, id, summary } = message;
  log[isOver(message) ? 'info' : 'warn']({ alarm: transition, id }, summary);
}
