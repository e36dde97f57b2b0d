/** The live picture in a terminal: one frame per poll, drawn over the last. Pure text in, so that a test can look at it. */
import pc from 'picocolors';
import { type DriftLine, type MonitorView, type QualityLine, STATUS_NAMES, STATUS_OK } from './monitor-view.ts';

export interface Frame {
  readonly view: MonitorView;
  readonly day: string;
  readonly daySeconds: number;
  readonly elapsedSeconds: number;
  readonly metricsUrl: string;
  /** Scores of each feature at past evaluations, oldest first. */
  readonly history: ReadonlyMap<string, readonly number[]>;
  /** What happened so far, oldest first. */
  readonly events: readonly string[];
}

const BARS = '▁▂▃▄▅▆▇█';
const HISTORY_WIDTH = 24;
const EVENTS_SHOWN = 8;

export function renderFrame(frame: Frame): string {
  const { view } = frame;
  const books = Object.entries(view.processed).map(([outcome, n]) => `${outcome} ${count(n)}`);
  return [
    `${pc.bold('leeway demo')} · model ${pc.bold(view.model)} · replaying ${pc.bold(frame.day)} · one day = ${frame.daySeconds} s · ${frame.elapsedSeconds.toFixed(0)} s`,
    pc.dim(`metrics ${frame.metricsUrl}`),
    `window ${pc.bold(count(view.windowRowCount))} rows · ${signalLine(view)}`,
    pc.dim(`received ${count(view.received)} = ${books.join(' + ') || 0}`),
    '',
    pc.dim('feature       PSI      noise    warning  critical status            last windows'),
    ...view.drift.map((line) => driftRow(line, frame.history.get(line.name) ?? [])),
    '',
    view.violations.length === 0 ? pc.dim('data quality: no violations') : pc.bold('data quality violations'),
    ...view.violations.map(qualityRow),
    '',
    ...frame.events.slice(-EVENTS_SHOWN),
  ].join('\n');
}

/** One line for a terminal that cannot redraw, or a log. */
export function renderLine(frame: Frame): string {
  const { view } = frame;
  const worst = view.drift
    .filter((line) => line.score !== undefined)
    .map(
      (line) => `${line.name} ${score(line.score)}${line.status > STATUS_OK ? ` ${STATUS_NAMES[line.status]}` : ''}`,
    );
  return `${frame.day} window ${count(view.windowRowCount)} rows · ${worst.join(' · ') || 'filling'}`;
}

export function statusName(status: number): string {
  return STATUS_NAMES[status] ?? String(status);
}

function signalLine(view: MonitorView): string {
  const parts = Object.entries(view.signals).map(
    ([signal, status]) => `${signal.replaceAll('_', ' ')} ${coloured(status)}`,
  );
  return parts.join(' · ') || 'waiting for the first window';
}

function driftRow(line: DriftLine, history: readonly number[]): string {
  const cells = [line.score, line.noise, line.warning, line.critical].map((value) => score(value).padEnd(9)).join('');
  // A column with a score and no status is one that the reference proposes not to monitor, such as a calendar feature.
  const isWatched = line.status !== 0 || line.score === undefined;
  const name = isWatched ? statusName(line.status) : 'not monitored';
  const status = (isWatched ? coloured(line.status) : pc.dim(name)) + ' '.repeat(Math.max(1, 18 - name.length));
  return `${line.name.slice(0, 13).padEnd(14)}${cells}${status}${spark(history, line.critical)}`;
}

function qualityRow({ name, rule, ratio, warning, critical }: QualityLine): string {
  const level = ratio >= critical ? pc.red('critical') : pc.yellow('warning');
  const limit = ratio >= critical ? critical : warning;
  return `  ${name} ${rule.replaceAll('_', ' ')} ${percent(ratio)} of rows  ${level} ${pc.dim(`from ${percent(limit)}`)}`;
}

/** Scores as bars; a full bar is the critical threshold. */
function spark(history: readonly number[], critical: number | undefined): string {
  const full = critical ?? 0.25;
  return history
    .slice(-HISTORY_WIDTH)
    .map((value) => {
      const bar = BARS[Math.max(0, Math.min(BARS.length - 1, Math.floor((value / full) * BARS.length)))];
      return value >= full ? pc.red(bar) : bar;
    })
    .join('');
}

function coloured(status: number): string {
  const name = statusName(status);
  if (status < STATUS_OK) return pc.dim(name);
  if (status === STATUS_OK) return pc.green(name);
  return status === STATUS_OK + 1 ? pc.yellow(name) : pc.red(name);
}

const score = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(value < 10 ? 4 : 1));
const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
const count = (n: number): string => Math.round(n).toLocaleString('en-US');
