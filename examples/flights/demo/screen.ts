/**
 * The live picture in a terminal: one frame per poll, drawn over the last, cut to the terminal's width and height. Pure
 * text in and out, so that a test can look at it.
 */
import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import {
  type DriftLine,
  type MonitorView,
  type PerformanceLine,
  type QualityLine,
  STATUS_OK,
  statusName,
} from './monitor-view.ts';
import type { StoryEvent } from './story.ts';

export interface Frame {
  readonly view: MonitorView;
  readonly day: string;
  readonly daySeconds: number;
  readonly elapsedSeconds: number;
  readonly durationSeconds: number;
  readonly metricsUrl: string;
  /** Where the story is: quiet, or broken. */
  readonly phase: string;
  /** Scores of each feature at past evaluations, oldest first. */
  readonly history: ReadonlyMap<string, readonly number[]>;
  /** What happened so far, oldest first. */
  readonly events: readonly StoryEvent[];
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const BARS = '▁▂▃▄▅▆▇█';
const HISTORY_WIDTH_MAX = 24;
const NAME_WIDTH = 13;
const NUMBER_WIDTH = 8;
const STATUS_WIDTH = 18;
const MEASURE_WIDTH = 9;
/** Short enough for all of them to fit a line at their worst. */
const SIGNAL_NAMES: Readonly<Record<string, string>> = {
  data_drift: 'inputs',
  prediction_drift: 'outputs',
  data_quality: 'quality',
};
const TABLE_WIDTH = NAME_WIDTH + 1 + 4 * NUMBER_WIDTH + STATUS_WIDTH;
const EVENTS_MAX = 10;

export function renderFrame(frame: Frame, { columns, rows }: ScreenSize): string {
  const { view, daySeconds } = frame;
  const clock = `${frame.elapsedSeconds.toFixed(0)} of ${frame.durationSeconds} s`;
  const books = Object.entries(view.processed).map(([outcome, n]) => `${outcome} ${count(n)}`);
  const width = Math.max(8, Math.min(HISTORY_WIDTH_MAX, columns - TABLE_WIDTH - 1));
  const row = (line: DriftLine) => driftRow(line, frame.history.get(line.name) ?? [], width);
  const [inputs, outputs] = [view.drift.filter(isInput), view.drift.filter((line) => !isInput(line))];
  const above = [
    `${pc.bold('leeway demo')} · ${pc.bold(view.model)} · ${pc.bold(frame.day)} · one day = ${daySeconds} s · ${clock}`,
    pc.dim(`metrics ${frame.metricsUrl}`),
    frame.phase,
    signalLine(view),
    pc.dim(`window ${count(view.windowRowCount)} rows · received ${count(view.received)} = ${books.join(' + ') || 0}`),
    pc.dim('PSI: distance from the reference · noise: what chance alone makes of it'),
    header('inputs'),
    ...inputs.map(row),
    ...(outputs.length === 0 ? [] : [header('outputs'), ...outputs.map(row)]),
    ...(view.performance.length === 0 ? [] : [performanceHeader(view), ...view.performance.map(performanceRow)]),
    view.violations.length === 0 ? pc.dim('data quality: no violations') : pc.bold('data quality violations'),
    ...view.violations.map(qualityRow),
    '',
  ];
  const room = Math.max(1, Math.min(EVENTS_MAX, rows - above.length - 1));
  const lines = [...above, ...frame.events.slice(-room).map(({ text }) => text)];
  return lines
    .slice(0, rows - 1)
    .map((line) => fit(line, columns))
    .join('\n');
}

/** One line for a terminal that cannot redraw, or a log. */
export function renderLine({ view, elapsedSeconds, day }: Frame): string {
  const scores = view.drift
    .filter((line) => line.score !== undefined && line.isMonitored)
    .map((line) => `${line.name} ${score(line.score)}${line.status > STATUS_OK ? ` ${statusName(line.status)}` : ''}`);
  const rows = `window ${count(view.windowRowCount)} rows`;
  return `${clockOf(elapsedSeconds)} ${day}  ${rows} · ${scores.join(' · ') || 'filling'}`;
}

export function clockOf(elapsedSeconds: number): string {
  return `${elapsedSeconds.toFixed(1).padStart(5)} s`;
}

const isInput = ({ signal }: DriftLine): boolean => signal === 'data_drift';

function header(what: string): string {
  const titles = ['PSI', 'noise', 'warning', 'critical'].map((title) => title.padEnd(NUMBER_WIDTH)).join('');
  return pc.dim(
    what === 'inputs'
      ? `${what.padEnd(NAME_WIDTH + 1)}${titles}${' '}${'status'.padEnd(STATUS_WIDTH - 1)}windows`
      : what,
  );
}

function signalLine(view: MonitorView): string {
  const parts = Object.entries(view.signals).map(
    ([signal, status]) => `${SIGNAL_NAMES[signal] ?? signal} ${coloured(status)}`,
  );
  return parts.join(' · ') || 'waiting for the first window';
}

function driftRow(line: DriftLine, history: readonly number[], width: number): string {
  const numbers = [line.score, line.noise, line.warning, line.critical];
  const cells = numbers.map((value) => score(value).padEnd(NUMBER_WIDTH)).join('');
  const name = line.isMonitored ? statusName(line.status) : 'not monitored';
  const status = line.isMonitored ? coloured(line.status) : pc.dim(name);
  const gap = ' '.repeat(Math.max(1, STATUS_WIDTH - 1 - name.length));
  const bars = line.isMonitored ? spark(history.slice(-width), line.critical) : '';
  return `${line.name.slice(0, NAME_WIDTH).padEnd(NAME_WIDTH + 1)}${cells} ${status}${gap}${bars}`;
}

function performanceHeader({ coverage }: MonitorView): string {
  const titles = ['measured', 'expected', 'training'].map((title) => title.padEnd(MEASURE_WIDTH)).join('');
  const labels = coverage === undefined ? '' : `labels late: ${percent(coverage)} of those due`;
  return pc.dim(`${'performance'.padEnd(NAME_WIDTH + 1)}${titles}${' '.repeat(6)}${labels}`);
}

function performanceRow({ metric, measured, estimated, reference, status }: PerformanceLine): string {
  const cells = [measured, estimated, reference].map((value) => score(value).padEnd(MEASURE_WIDTH)).join('');
  return `${metric.slice(0, NAME_WIDTH).padEnd(NAME_WIDTH + 1)}${cells}${' '.repeat(6)}${coloured(status)}`;
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

/** The line, cut to the width where it is longer; a cut line loses its colours. */
function fit(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : `${plain.slice(0, columns - 1)}…`;
}

const score = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(value < 10 ? 4 : 1));
const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
const count = (n: number): string => Math.round(n).toLocaleString('en-US');
