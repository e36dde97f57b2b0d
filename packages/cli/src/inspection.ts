/** What a person wants to know of a reference. */
import { type BlockBand, type ColumnReference, type ReferenceProfile, spanText } from '@leeway/engine';
import pc from 'picocolors';
import { performanceLines, performanceSummary } from './inspection-performance.ts';
import { seriesCost } from './series-cost.ts';

const BARS = '▁▂▃▄▅▆▇█';
const CATEGORIES_SHOWN = 3;

/** For machines. */
export function summaryOf(profile: ReferenceProfile) {
  const { id, name, model, dataset, time, rowCount, createdAt } = profile;
  const column = ({
    name: own,
    type,
    monitor,
    reason,
    missingCount,
    typeErrorCount,
    blockBand,
    owner,
    source,
    description,
  }: ColumnReference) => ({
    name: own,
    type,
    monitor,
    reason,
    missingCount,
    typeErrorCount,
    blockBand: blockBand?.psi,
    owner,
    source,
    description,
  });
  const columns = { features: profile.features.map(column), outputs: profile.outputs.map(column) };
  const performance = performanceSummary(profile);
  return { id, name, model, dataset, time, rowCount, createdAt, ...columns, performance, cost: seriesCost(profile) };
}

/** For people. */
export function textOf(profile: ReferenceProfile): string {
  const { model, dataset, time, rowCount } = profile;
  const { series, gigabytesPerMonth } = seriesCost(profile);
  const files = dataset.files?.map(({ name }) => name).join(', ');
  const lines = [
    `${pc.bold(model.name)} ${model.version ?? ''} · reference ${pc.bold(profile.name)} of ${rowCount.toLocaleString('en-US')} rows`,
    pc.dim(profile.id),
    ...[`made     ${profile.createdAt}`],
    ...(dataset.name === undefined && files === undefined
      ? []
      : [`data     ${[dataset.name, dataset.version, files].filter(Boolean).join(' · ')}`]),
    ...(time === undefined
      ? []
      : [`time     ${day(time.fromMs)} to ${day(time.toMs)}, ${time.blockCount} blocks of ${hours(time.blockMs)}`]),
    ...(model.owner === undefined
      ? []
      : [`owner    ${model.owner}${model.tier === undefined ? '' : `, tier ${model.tier}`}`]),
    `costs    about ${series.toLocaleString('en-US')} series a version, ${gigabytesPerMonth.toFixed(2)} GB a month at a sample a minute`,
    '',
    pc.bold('features'),
    ...profile.features.flatMap(columnLines),
    '',
    pc.bold('outputs'),
    ...(profile.outputs.length === 0
      ? [pc.dim('  none: make the profile with --prediction to watch what the model says')]
      : profile.outputs.flatMap(columnLines)),
    '',
  ];
  lines.push(...performanceLines(profile));
  if (time === undefined) {
    lines.push(
      pc.dim(
        'No time column: the false-alarm budget assumes that rows are independent. Make the profile with --time to measure it.',
      ),
      '',
    );
  }
  return lines.join('\n');
}

function columnLines(column: ColumnReference): string[] {
  const { name, type, monitor, reason, rowCount, missingCount, typeErrorCount, blockBand, owner, source, description } =
    column;
  const share = (count: number) => `${((100 * count) / Math.max(1, rowCount)).toFixed(2)} %`;
  const facts = [
    column.numeric === undefined ? categories(column) : numbers(column),
    ...(missingCount > 0 ? [`${share(missingCount)} missing`] : []),
    ...(typeErrorCount > 0 ? [`${share(typeErrorCount)} type errors`] : []),
    ...(blockBand === undefined ? [] : [bandText(blockBand)]),
  ];
  const said = [
    ...(description === undefined ? [] : [description]),
    ...(source === undefined ? [] : [`from ${source}`]),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
  ];
  const head = `  ${name.padEnd(20)} ${type.padEnd(12)} ${histogram(column)}  ${facts.join(' · ')}`;
  const indent = `  ${''.padEnd(20)} `;
  return [
    head,
    ...(said.length === 0 ? [] : [pc.dim(`${indent}${said.join(' · ')}`)]),
    ...(monitor ? [] : [pc.yellow(`${indent}not monitored: ${reason ?? ''}`)]),
  ];
}

function bandText({ psi, slots, longer = [] }: BlockBand): string {
  const hours =
    slots === undefined ? '' : `, by hour ${Math.min(...slots.psi).toFixed(3)} to ${Math.max(...slots.psi).toFixed(3)}`;
  const others = longer.map((one) => `, in windows of ${spanText(one.blockMs)} ${one.psi.toFixed(3)}`).join('');
  return `drifts by itself up to PSI ${psi.toFixed(3)}${hours}${others}`;
}

function numbers({ numeric }: ColumnReference): string {
  const { min, max, mean, standardDeviation } = numeric!;
  return `${short(min)} to ${short(max)}, mean ${short(mean)} ± ${short(standardDeviation)}`;
}

function categories({ categorical, rowCount }: ColumnReference): string {
  const top = categorical!.categories
    .slice(0, CATEGORIES_SHOWN)
    .map(({ name, count }) => `${name} ${Math.round((100 * count) / Math.max(1, rowCount))} %`);
  return `${categorical!.distinctCount} categories: ${top.join(', ')}`;
}

/** Numeric: rows in ten slices of equal width; categorical: the ten most frequent categories. */
function histogram(column: ColumnReference): string {
  const width = 10;
  const counts =
    column.numeric === undefined
      ? column.categorical!.categories.slice(0, width).map(({ count }) => count)
      : slices(column, width);
  const most = Math.max(...counts, 1);
  return counts
    .map((count) => BARS[Math.min(BARS.length - 1, Math.floor((count / most) * BARS.length))])
    .join('')
    .padEnd(width);
}

function slices({ numeric }: ColumnReference, sliceCount: number): number[] {
  const { edges, counts, lower, upper } = numeric!;
  const result = new Array<number>(sliceCount).fill(0);
  const width = (upper - lower) / result.length || 1;
  counts.forEach((count, bin) => {
    const from = Math.max(lower, edges[bin - 1] ?? lower);
    const to = Math.min(upper, edges[bin] ?? upper);
    const middle = (from + Math.max(from, to)) / 2;
    result[Math.min(result.length - 1, Math.max(0, Math.floor((middle - lower) / width)))] += count;
  });
  return result;
}

const short = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const hours = (ms: number): string => (ms % 86_400_000 === 0 ? `${ms / 86_400_000} d` : `${ms / 3_600_000} h`);
