/** Keeps what happened when, from one reading of the monitor to the next, and sums it up. */
import { type MonitorView, type PerformanceLine, type QualityLine, STATUS_OK, statusName } from './monitor-view.ts';
import { clockOf } from './screen.ts';

const HISTORY_MAX = 200;

/** One thing that happened, for machines; `text` is the same for people. */
export interface StoryEvent {
  readonly event: 'broken' | 'change';
  readonly elapsedSeconds: number;
  readonly day: string;
  readonly text: string;
  readonly signal?: string;
  readonly name?: string;
  /** Of data quality. */
  readonly rule?: string;
  readonly from?: string;
  readonly to?: string;
  readonly score?: number;
  readonly threshold?: number;
}

export interface StorySummary {
  readonly days: number;
  readonly evaluations: number;
  readonly received: number;
  readonly processed: Readonly<Record<string, number>>;
  /** Changes of single features to warning or critical data drift before the break. */
  readonly before: { readonly warnings: number; readonly criticals: number };
  readonly brokenAfterSeconds?: number;
  /** From the break to the first critical data drift of the broken feature. */
  readonly driftSeenAfterSeconds?: number;
  /** From the break to the first critical missing-value violation. */
  readonly missingSeenAfterSeconds?: number;
  readonly changes: readonly StoryEvent[];
  /** At the end. */
  readonly performance: readonly PerformanceLine[];
  readonly labelCount: number;
  readonly coverage?: number;
}

export class Story {
  readonly history = new Map<string, number[]>();
  readonly events: StoryEvent[] = [];
  readonly #statuses = new Map<string, number>();
  readonly #days = new Set<string>();
  #evaluatedMs = 0;
  #evaluations = 0;
  #brokenAt: number | undefined;
  #driftAt: number | undefined;
  #missingAt: number | undefined;
  #before = { warnings: 0, criticals: 0 };
  #last: MonitorView | undefined;

  get brokenAtSeconds(): number | undefined {
    return this.#brokenAt;
  }

  markBroken(elapsedSeconds: number, day: string, what: string): void {
    this.#brokenAt = elapsedSeconds;
    this.#note({ event: 'broken', elapsedSeconds, day, text: `upstream BROKEN: ${what}` });
  }

  /** @returns true when the reading is of a window that was not seen before */
  read(view: MonitorView, elapsedSeconds: number, day: string): boolean {
    this.#last = view;
    if (view.evaluatedMs <= this.#evaluatedMs) return false;
    this.#evaluatedMs = view.evaluatedMs;
    this.#evaluations++;
    this.#days.add(day);
    this.#readDrift(view, elapsedSeconds, day);
    this.#readQuality(view.violations, elapsedSeconds, day);
    this.#readPerformance(view.performance, elapsedSeconds, day);
    return true;
  }

  summary(): StorySummary {
    const since = (at: number | undefined) =>
      at === undefined || this.#brokenAt === undefined ? undefined : at - this.#brokenAt;
    return {
      days: this.#days.size,
      evaluations: this.#evaluations,
      received: this.#last?.received ?? 0,
      processed: this.#last?.processed ?? {},
      before: this.#before,
      brokenAfterSeconds: this.#brokenAt,
      driftSeenAfterSeconds: since(this.#driftAt),
      missingSeenAfterSeconds: since(this.#missingAt),
      performance: this.#last?.performance ?? [],
      labelCount: this.#last?.labelCount ?? 0,
      coverage: this.#last?.coverage,
      changes: this.events.filter(({ event }) => event === 'change'),
    };
  }

  #readDrift(view: MonitorView, elapsedSeconds: number, day: string): void {
    for (const { name, signal, status, score, critical, warning } of view.drift) {
      if (score !== undefined) this.#remember(name, score);
      const change = this.#change(`${signal} ${name}`, status);
      if (change === undefined) continue;
      const threshold = status === STATUS_OK + 2 ? critical : warning;
      const against =
        score === undefined || threshold === undefined
          ? ''
          : ` (PSI ${score.toFixed(3)}, threshold ${threshold.toFixed(3)})`;
      const text = `${signal.replaceAll('_', ' ')}: ${name} ${change.from} → ${change.to}${against}`;
      this.#note({ event: 'change', elapsedSeconds, day, text, signal, name, ...change, score, threshold });
      if (signal === 'data_drift') this.#countDrift(status, elapsedSeconds);
    }
  }

  #countDrift(status: number, elapsedSeconds: number): void {
    if (this.#brokenAt === undefined) {
      if (status === STATUS_OK + 1) this.#before.warnings++;
      if (status === STATUS_OK + 2) this.#before.criticals++;
    } else if (status === STATUS_OK + 2) this.#driftAt ??= elapsedSeconds;
  }

  #readQuality(violations: readonly QualityLine[], elapsedSeconds: number, day: string): void {
    const seen = new Set<string>();
    for (const { name, rule, ratio, warning, critical } of violations) {
      const key = `data_quality ${name} ${rule}`;
      seen.add(key);
      const isCritical = ratio >= critical;
      if (isCritical && rule === 'missing') this.#missingAt ??= elapsedSeconds;
      const change = this.#change(key, STATUS_OK + (isCritical ? 2 : 1));
      if (change === undefined) continue;
      const threshold = isCritical ? critical : warning;
      const text = `data quality: ${name} ${rule.replaceAll('_', ' ')} ${(100 * ratio).toFixed(1)} % of rows, ${change.to}`;
      const signal = 'data_quality';
      this.#note({
        event: 'change',
        elapsedSeconds,
        day,
        text,
        signal,
        name,
        rule,
        ...change,
        score: ratio,
        threshold,
      });
    }
    for (const [key, status] of this.#statuses) {
      if (key.startsWith('data_quality ') && status > STATUS_OK && !seen.has(key)) {
        this.#statuses.set(key, STATUS_OK);
        const [signal, name, rule] = key.split(' ');
        const text = `data quality: ${name} ${rule.replaceAll('_', ' ')} ok again`;
        this.#note({
          event: 'change',
          elapsedSeconds,
          day,
          text,
          signal,
          name,
          rule,
          from: statusName(status),
          to: 'ok',
        });
      }
    }
  }

  #readPerformance(performance: readonly PerformanceLine[], elapsedSeconds: number, day: string): void {
    for (const { metric, measured, estimated, warning, status } of performance) {
      const change = this.#change(`performance ${metric}`, status);
      if (change === undefined) continue;
      const against =
        measured === undefined || estimated === undefined
          ? ''
          : ` (measured ${measured.toFixed(3)}, expected ${estimated.toFixed(3)})`;
      const text = `performance: ${metric} ${change.from} → ${change.to}${against}`;
      const what = { signal: 'performance', name: metric, ...change, score: measured, threshold: warning };
      this.#note({ event: 'change', elapsedSeconds, day, text, ...what });
    }
  }

  #remember(name: string, score: number): void {
    const scores = this.history.get(name) ?? [];
    scores.push(score);
    if (scores.length > HISTORY_MAX) scores.shift();
    this.history.set(name, scores);
  }

  /** Changes among ok, warning and critical, and into them. */
  #change(key: string, status: number): { from: string; to: string } | undefined {
    const before = this.#statuses.get(key);
    this.#statuses.set(key, status);
    if (before === status) return undefined;
    const isNews = status > STATUS_OK || (before !== undefined && before > STATUS_OK);
    return isNews ? { from: statusName(before ?? STATUS_OK), to: statusName(status) } : undefined;
  }

  #note(event: StoryEvent): void {
    this.events.push({ ...event, text: `${clockOf(event.elapsedSeconds)} ${event.day}  ${event.text}` });
  }
}
