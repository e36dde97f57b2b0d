/** The report for people: a line a slice, the first metric as a bar, and where measured and estimated part. */
import pc from 'picocolors';
import type { Figure, Figures } from './figures.ts';
import type { PerformanceReport, SliceReport } from './report.ts';

const SHOWN = {
  classification: ['auroc', 'accuracy', 'f1', 'log_loss'],
  regression: ['mae', 'rmse', 'r2', 'bias'],
} as const;
/** With estimates beside them: as many as a terminal of 120 characters has room for. */
const SHOWN_WITH_ESTIMATES = 2;
const NAMES: Readonly<Record<string, string>> = {
  auroc: 'AUROC',
  f1: 'F1',
  log_loss: 'log loss',
  ece: 'ECE',
  r2: 'R²',
};
const BAR = 12;
/** Standard errors of the measured value beyond which it is not what was estimated: once in 16,000 by chance. */
const APART = 4;
const DAY_MS = 86_400_000;

export function reportText(report: PerformanceReport, what: string): string {
  const { task, slices, classes, rowCount, unlabelledCount, untimedCount, reference } = report;
  const metrics = SHOWN[task]
    .filter((metric) => slices.some((slice) => shownValue(slice, metric) !== undefined))
    .slice(0, hasEstimates(report) ? SHOWN_WITH_ESTIMATES : undefined);
  const lines = [
    `${pc.bold(what)} · ${count(rowCount)} rows${unlabelledCount > 0 ? `, ${count(unlabelledCount)} without a truth` : ''}${untimedCount > 0 ? `, ${count(untimedCount)} without a time` : ''}`,
    classes === undefined ? 'regression' : classesText(classes),
    '',
    row(['', 'rows', ...metrics.flatMap((metric) => [nameOf(metric), ...(hasEstimates(report) ? ['estimated'] : [])])]),
  ];
  if (reference !== undefined)
    lines.push(line('reference', { ...reference, labelledCount: reference.rowCount }, metrics, report));
  for (const slice of slices) lines.push(line(periodOf(slice), slice, metrics, report));
  if (metrics.length === 0) lines.push('', 'no row has a truth: nothing can be measured');
  lines.push('', notesOf(report));
  return `${lines.join('\n').trimEnd()}\n`;
}

function line(name: string, slice: SliceReport, metrics: readonly string[], report: PerformanceReport): string {
  const cells = metrics.flatMap((metric) => {
    const measured = figureText(slice.measured, metric);
    if (!hasEstimates(report)) return [measured];
    return [measured, estimateText(slice, metric)];
  });
  const [first] = metrics;
  const value = first === undefined ? undefined : shownValue(slice, first);
  const bar = value === undefined || report.task === 'regression' ? '' : ` ${barOf(value)}`;
  return `${row([name, count(slice.rowCount), ...cells])}${bar}`;
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(17) : cell.padStart(i === 1 ? 9 : 17)))
    .join(' ')
    .trimEnd();
}

function figureText(figures: Figures | undefined, metric: string): string {
  const figure: Figure | undefined = figures?.[metric];
  if (figure === undefined) return 'no truth';
  if ('reason' in figure) return figure.reason.replaceAll('_', ' ');
  return figure.standardError === undefined
    ? numberText(figure.value)
    : `${numberText(figure.value)} ± ${numberText(figure.standardError)}`;
}

function estimateText(slice: SliceReport, metric: string): string {
  const text = figureText(slice.estimated, metric);
  return isApart(slice, metric) ? `${text} !` : slice.estimated === undefined ? '' : text;
}

function isApart({ measured, estimated }: SliceReport, metric: string): boolean {
  const [one, other] = [measured?.[metric], estimated?.[metric]];
  if (one === undefined || other === undefined || 'reason' in one || 'reason' in other) return false;
  return one.standardError !== undefined && Math.abs(one.value - other.value) > APART * one.standardError;
}

function shownValue({ measured, estimated }: SliceReport, metric: string): number | undefined {
  const figure = measured?.[metric] ?? estimated?.[metric];
  return figure === undefined || 'reason' in figure ? undefined : figure.value;
}

function notesOf(report: PerformanceReport): string {
  const notes = ['± is one standard error, by leaving out each twentieth of the rows. All metrics: --json.'];
  if (hasEstimates(report))
    notes.push(
      `estimated: ${report.task === 'regression' ? 'what predictions of this size lost in the reference' : 'what the calibrated scores say'}, without the truth.`,
    );
  const metrics = SHOWN[report.task];
  if (report.slices.some((slice) => metrics.some((metric) => isApart(slice, metric))))
    notes.push(
      `! measured and estimated are more than ${APART} standard errors apart: what the inputs mean has changed.`,
    );
  return notes.join('\n');
}

function hasEstimates({ slices }: PerformanceReport): boolean {
  return slices.some(({ estimated }) => estimated !== undefined);
}

function classesText(classes: readonly string[]): string {
  return classes.length === 2
    ? `two classes, ${classes[1]} is the positive one`
    : `${classes.length} classes; of each metric the mean over them`;
}

function periodOf({ from, to }: SliceReport): string {
  if (from === undefined || to === undefined) return 'all';
  const isDays = Date.parse(from) % DAY_MS === 0 && Date.parse(to) % DAY_MS === 0;
  return isDays ? from.slice(0, 10) : from.slice(0, 16).replace('T', ' ');
}

function barOf(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR);
  return pc.cyan('█'.repeat(filled)) + pc.dim('░'.repeat(BAR - filled));
}

const nameOf = (metric: string): string => NAMES[metric] ?? metric;
const count = (value: number): string => value.toLocaleString('en-US');
const numberText = (value: number): string => (Math.abs(value) >= 100 ? value.toPrecision(5) : value.toFixed(4));
