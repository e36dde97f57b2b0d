/** `leeway performance`: is the model right, from files with the truth in a column. */
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { FORMATS, type Format } from '../table/reader.ts';
import { TIME_UNITS, type TimeUnit } from '../table/time.ts';
import { collectPredictions } from './profile.ts';

interface PerformanceOptions {
  readonly label: string;
  readonly prediction: ReadonlyMap<string, string | undefined>;
  readonly time?: string;
  readonly timeUnit?: TimeUnit;
  readonly every: string;
  readonly calibrateOn?: string;
  readonly positive?: string;
  readonly format?: Format;
  readonly json?: true;
}

export function addPerformance(program: Command): void {
  program
    .command('performance')
    .description('Measure a model where the truth is known, and estimate it where it is not.')
    .argument('<files...>', 'CSV, TSV, JSONL or Parquet files with predictions; - for standard input')
    .requiredOption('--label <column>', 'the column that holds the truth; rows without one are estimated only')
    .requiredOption(
      '--prediction <column[=output]>',
      'a column that the model predicted; output is label, value, score (where none is given) or the name of a class (repeatable)',
      collectPredictions,
    )
    .option('--time <column>', 'the column that holds the time: performance by stretches of --every')
    .addOption(
      new Option('--time-unit <unit>', 'of its numbers, where their size does not say it').choices(
        Object.keys(TIME_UNITS),
      ),
    )
    .option('--every <duration>', 'length of a stretch', '1d')
    .option('--calibrate-on <file>', 'rows with their truth, such as training data held out: estimates performance')
    .option('--positive <class>', 'of two classes the one that scores are of (default: 1, true, yes, or the last)')
    .addOption(new Option('--format <format>', 'format, where the name does not say it').choices(FORMATS))
    .option('--json', 'for machines: all metrics, with the reason where there is none')
    .addHelpText(
      'after',
      `
Examples:
  $ leeway performance may.parquet --label is_fraud --prediction score --time at --every 1d
  $ leeway performance june.csv --label late --prediction p_late=late --calibrate-on january.csv
  $ leeway performance prices.csv --label price --prediction forecast=value

A score is the probability of the positive class; beside a column of labels it is that of the label that was predicted.
The estimate needs no truth: it is right while what the inputs mean does not change. Where measured and estimated part,
it has.`,
    )
    .action(async (files: string[], options: PerformanceOptions) => performance(files, options));
}

async function performance(files: readonly string[], options: PerformanceOptions): Promise<void> {
  const { parseDuration } = await import('@leeway/sidecar/config');
  const everyMs = parseDuration(options.every);
  if (everyMs === undefined || everyMs < 1_000)
    throw new CliError('option-invalid', `--every ${options.every}: write a duration of at least 1s, such as 1h or 1d`);
  const { createProgress } = await import('../progress.ts');
  const { readLabelledRows } = await import('../performance/labelled-rows.ts');
  const { performanceReport } = await import('../performance/report.ts');
  const { label: truth, format, time, timeUnit, positive, calibrateOn } = options;
  const request = { truth, outputs: outputsOf(options), format, time, timeUnit };
  const progress = createProgress(process.stderr);
  try {
    const reference =
      calibrateOn === undefined
        ? undefined
        : await readLabelledRows({ ...request, files: [calibrateOn], time: undefined }, progress);
    const rows = await readLabelledRows({ ...request, files }, progress);
    progress.stop();
    const report = performanceReport(rows, { everyMs, positive, reference });
    process.stdout.write(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : await text(report, files));
  } finally {
    progress.stop();
  }
}

async function text(
  report: Parameters<typeof import('../performance/report-text.ts').reportText>[0],
  files: readonly string[],
) {
  const { reportText } = await import('../performance/report-text.ts');
  const { printable, printableTexts } = await import('../printable.ts');
  return reportText(printableTexts(report), printable(files.join(', ')));
}

/** Column by output. */
function outputsOf({ prediction, label }: PerformanceOptions): Map<string, string> {
  const outputs = new Map<string, string>();
  for (const [column, output = 'score'] of prediction) {
    if (column === label)
      throw new CliError(
        'option-invalid',
        `--label ${label} and --prediction ${column} contradict each other: keep one`,
      );
    if (outputs.has(output))
      throw new CliError('option-invalid', `--prediction ${column}=${output}: ${outputs.get(output)} is that already`);
    outputs.set(output, column);
  }
  if (outputs.has('value') && outputs.size > 1)
    throw new CliError('option-invalid', 'a value, and other outputs: a model predicts a number or classes');
  const named = [...outputs.keys()].filter((output) => output !== 'label' && output !== 'score' && output !== 'value');
  if (outputs.has('score') && named.length > 0)
    throw new CliError('option-invalid', `score and ${named[0]} are both scores: keep one`);
  return outputs;
}
