/**
 * The alarms of one model: one a signal, from when it is raised until it is over.
 *
 * Invariants
 * 1. An alarm is raised once, changes its level once at a time, and is cleared or ended once. Hysteresis is in the statuses
 *    already.
 * 2. Silence clears nothing: what could not be judged in a window stays as it was last judged.
 * 3. Subjects stand in the order of how far they are beyond their threshold, times the importance of the feature where
 *    the reference knows one.
 * 4. One memory a subject: bounded by the reference.
 */
import type { ImportanceReference } from '../reference/profile.ts';
import { SIGNALS, type Signal, STATUS, type Status } from '../signal/evaluation.ts';
import { type Judgement, severityOf } from './judgement.ts';

export const ALARM_TRANSITIONS = ['raised', 'escalated', 'deescalated', 'cleared', 'ended'] as const;
export type AlarmTransition = (typeof ALARM_TRANSITIONS)[number];

export interface AlarmChange {
  readonly signal: Signal;
  readonly transition: AlarmTransition;
  /** After it; when it is over, the level that it had. */
  readonly level: 'warning' | 'critical';
  /** End of the window in which it was raised, and of this one: Unix milliseconds. */
  readonly sinceMs: number;
  readonly atMs: number;
  readonly windowStartMs: number;
  /** Worst first; when it is over, those that had been. */
  readonly subjects: readonly Judgement[];
  readonly subjectCount: number;
}

/** Plain JSON. */
export interface AlarmsSnapshot {
  readonly version: 1;
  readonly alarms: readonly (readonly [Signal, { readonly level: Status; readonly sinceMs: number }])[];
  readonly judged: readonly (readonly [string, Judgement])[];
}

/** Subjects that a change names; how many there were stands beside them. */
const SUBJECTS_MAX = 10;

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

interface Alarm {
  readonly level: Status;
  readonly sinceMs: number;
  readonly subjects: readonly Judgement[];
}

export class ModelAlarms {
  readonly #importances: ReadonlyMap<string, number>;
  readonly #alarms = new Map<Signal, Alarm>();
  /** As last judged, by signal, subject and rule. */
  readonly #judged = new Map<string, Judgement>();
  /** The last one. */
  #window: Window = { startMs: 0, endMs: 0 };

  constructor(importances?: ImportanceReference) {
    const values = importances?.features.map(({ name, value }) => [name, Math.max(0, value)] as const) ?? [];
    const largest = Math.max(0, ...values.map(([, value]) => value));
    this.#importances = new Map(largest > 0 ? values.map(([name, value]) => [name, value / largest]) : []);
  }

  /** Judgements of one window; those of signals that it says nothing of stay. */
  step(judgements: readonly Judgement[], { startMs, endMs }: Window): AlarmChange[] {
    this.#window = { startMs, endMs };
    for (const judgement of judgements)
      if (judgement.status >= STATUS.ok) this.#judged.set(keyOf(judgement), judgement);
    const signals = new Set(judgements.map(({ signal }) => signal));
    return SIGNALS.filter((signal) => signals.has(signal)).flatMap((signal) => this.#change(signal) ?? []);
  }

  /** Nobody judges the model any more: what is still on ends as it was in the last window. */
  end(): AlarmChange[] {
    const ended = [...this.#alarms].map(([signal, { level, sinceMs, subjects }]) =>
      changeOf(signal, 'ended', { level, sinceMs, subjects }, this.#window),
    );
    this.#alarms.clear();
    return ended;
  }

  snapshot(): AlarmsSnapshot {
    const alarms = [...this.#alarms].map(([signal, { level, sinceMs }]) => [signal, { level, sinceMs }] as const);
    return { version: 1, alarms, judged: [...this.#judged] };
  }

  /** Of the same reference. */
  restore({ alarms, judged }: AlarmsSnapshot): void {
    this.#judged.clear();
    for (const [key, judgement] of judged) this.#judged.set(key, judgement);
    this.#alarms.clear();
    for (const [signal, { level, sinceMs }] of alarms)
      this.#alarms.set(signal, { level, sinceMs, subjects: this.#beyond(signal) });
  }

  #change(signal: Signal): AlarmChange | undefined {
    const subjects = this.#beyond(signal);
    const level = subjects[0]?.status ?? STATUS.ok;
    const before = this.#alarms.get(signal);
    if (level < STATUS.warning) {
      this.#alarms.delete(signal);
      return before && changeOf(signal, 'cleared', before, this.#window);
    }
    const alarm = { level, sinceMs: before?.sinceMs ?? this.#window.endMs, subjects };
    this.#alarms.set(signal, alarm);
    if (before?.level === level) return undefined;
    const transition = before === undefined ? 'raised' : level > before.level ? 'escalated' : 'deescalated';
    return changeOf(signal, transition, alarm, this.#window);
  }

  /** At warning or above, worst first. */
  #beyond(signal: Signal): Judgement[] {
    return [...this.#judged.values()]
      .filter((one) => one.signal === signal && one.status >= STATUS.warning)
      .sort((a, b) => b.status - a.status || this.#weightOf(b) - this.#weightOf(a) || (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  #weightOf(judgement: Judgement): number {
    const importance = this.#importances.size === 0 ? 1 : (this.#importances.get(judgement.subject) ?? 0);
    return severityOf(judgement) * importance;
  }
}

function changeOf(signal: Signal, transition: AlarmTransition, alarm: Alarm, { startMs, endMs }: Window): AlarmChange {
  const { level, sinceMs, subjects } = alarm;
  return {
    signal,
    transition,
    level: level === STATUS.critical ? 'critical' : 'warning',
    sinceMs,
    atMs: endMs,
    windowStartMs: startMs,
    subjects: subjects.slice(0, SUBJECTS_MAX),
    subjectCount: subjects.length,
  };
}

function keyOf({ signal, subject, rule }: Judgement): string {
  return JSON.stringify([signal, subject, rule ?? null]);
}
