/** Keeps what happened when, from one reading of the monitor to the next, and sums it up. */
import { type MonitorView, STATUS_OK } from './monitor-view.ts';
import { statusName } from './screen.ts';

const HISTORY_MAX = 200;

export interface StatusChange {
  readonly elapsedSeconds: number;
  readonly day: string;
  readonly signal: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly score?: number;
  readonly threshold?: number;
}

export interface StorySummary {
  readonly days: number;
  readonly evaluations: number;
  readonly received: number;
  readonly processed: Readonly<Record<string, number>>;
  /** Status changes of single features and outputs to warning or critical before the break, by signal. */
  readonly before: { readonly warnings: number; readonly criticals: number };
  readonly brokenAfterSeconds?: number;
  /** From the break to the first critical data drift of the broken feature. */
  readonly driftSeenAfterSeconds?: number;
  /** From the break to the first critical missing-value violation. */
  readonly missingSeenAfterSeconds?: number;
  readonly changes: readonly StatusChange[];
}

export class Story {
  readonly history = new Map<string, number[]>();
  readonly events: string[] = [];
  readonly changes: StatusChange[] = [];
  readonly #statuses = new Map<string, number>();
  readonly #days = new Set<string>();
  readonly #violated = new Set<string>();
  #evaluatedMs = 0;
  #evaluations = 0;
  #brokenAt: number | undefined;
  #driftAt: number | undefined;
  #missingAt: number | undefined;
  #before = { warnings: 0, criticals: 0 };
  #last: MonitorView | undefined;

  markBroken(elapsedSeconds: number, day: string, what: string): void {
    this.#brokenAt = elapsedSeconds;
    this.events.push(`${seconds(elapsedSeconds)} ${day}  upstream BROKEN: ${what}`);
  }

  /** @returns true when the reading is of a window that was not seen before */
  read(view: MonitorView, elapsedSeconds: number, day: string): boolean {
    this.#last = view;
    if (view.evaluatedMs <= this.#evaluatedMs) return false;
    this.#evaluatedMs = view.evaluatedMs;
    this.#evaluations++;
    this.#days.add(day);
    for (const line of view.drift) {
      if (line.score !== undefined) this.#remember(line.name, line.score);
      const change = this.#statusChange(`${line.signal} ${line.name}`, line.status);
      if (change === undefined) continue;
      const threshold = line.status === STATUS_OK + 2 ? line.critical : line.warning;
      this.#note({
        elapsedSeconds,
        day,
        signal: line.signal,
        name: line.name,
        ...change,
        score: line.score,
        threshold,
      });
    }
    for (const { name, rule, ratio, critical } of view.violations) {
      if (ratio < critical || this.#violated.has(`${name} ${rule}`)) continue;
      this.#violated.add(`${name} ${rule}`);
      if (rule === 'missing') this.#missingAt ??= elapsedSeconds;
      this.events.push(
        `${seconds(elapsedSeconds)} ${day}  data quality: ${name} ${rule.replaceAll('_', ' ')} ${(100 * ratio).toFixed(1)} % of rows`,
      );
    }
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
      changes: this.changes,
    };
  }

  #remember(name: string, score: number): void {
    const scores = this.history.get(name) ?? [];
    scores.push(score);
    if (scores.length > HISTORY_MAX) scores.shift();
    this.history.set(name, scores);
  }

  /** Changes among ok, warning and critical, and into them. */
  #statusChange(key: string, status: number): { from: string; to: string } | undefined {
    const before = this.#statuses.get(key);
    this.#statuses.set(key, status);
    if (before === status) return undefined;
    const isNews = status > STATUS_OK || (before !== undefined && before > STATUS_OK);
    return isNews ? { from: statusName(before ?? 0), to: statusName(status) } : undefined;
  }

  #note(change: StatusChange): void {
    this.changes.push(change);
    const { elapsedSeconds, day, signal, name, from, to, score, threshold } = change;
    const against =
      score === undefined || threshold === undefined
        ? ''
        : ` (PSI ${score.toFixed(3)}, threshold ${threshold.toFixed(3)})`;
    this.events.push(
      `${seconds(elapsedSeconds)} ${day}  ${signal.replaceAll('_', ' ')}: ${name} ${from} → ${to}${against}`,
    );
    if (this.#brokenAt === undefined) {
      if (to === 'warning' && signal === 'data_drift') this.#before.warnings++;
      if (to === 'critical' && signal === 'data_drift') this.#before.criticals++;
    } else if (to === 'critical' && signal === 'data_drift') {
      this.#driftAt ??= elapsedSeconds;
    }
  }
}

const seconds = (elapsed: number): string => `${elapsed.toFixed(1).padStart(5)} s`;
