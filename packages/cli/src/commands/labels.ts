/** `leeway labels`: what turned out to be true, from a file or the export of a warehouse. */
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import type { LabelCounts } from '../labels/send-labels.ts';
import { FORMATS, type Format } from '../table/reader.ts';

interface SendOptions {
  readonly model: string;
  readonly modelVersion?: string;
  readonly id: string;
  readonly row?: string;
  readonly label?: string;
  readonly value?: string;
  readonly source?: string;
  readonly format?: Format;
  readonly dryRun?: true;
  readonly json?: true;
}

const FAULT_TEXTS: Readonly<Record<keyof LabelCounts['faults'], string>> = {
  no_row: 'rows that are none',
  no_model: 'rows without a model',
  no_inference_id: 'rows without an inference id',
  no_truth: 'rows without a label yet',
  not_finite: 'rows with a value that is no number',
  bad_row: 'rows whose --row is no whole number from 0 on',
};

export function addLabels(program: Command): void {
  const labels = program.command('labels').description('What turned out to be true of predictions.');
  labels
    .command('send')
    .description('Send the labels of a file, such as the export of a warehouse, as events over OTLP.')
    .argument('<files...>', 'CSV, TSV, JSONL or Parquet files with a label a row; - for standard input')
    .requiredOption('--model <name>', 'the model, as its telemetry names it')
    .option('--model-version <version>', 'the version that predicted; default: whichever did')
    .option('--id <column>', 'the column of the inference ids', 'inference_id')
    .option('--row <column>', 'the column of the row within a batch, from 0; default: 0')
    .option('--label <column>', 'the column of the class that was true')
    .option('--value <column>', 'the column of the number that was true')
    .option('--source <text>', 'where the labels come from, such as chargebacks')
    .addOption(new Option('--format <format>', 'format, where the name does not say it').choices(FORMATS))
    .option('--dry-run', 'read and check everything and send nothing')
    .option('--json', 'print the counts for machines')
    .addHelpText(
      'after',
      `
The events go to OTEL_EXPORTER_OTLP_ENDPOINT (default http://localhost:4318) by OTLP over HTTP; all OTEL_EXPORTER_OTLP_*
settings apply, those of _LOGS_ before the others. Each request waits for the one before. Rows without a label are passed
over; rows that are no label for another reason are told at the end, with exit code 1, and the others are sent.

Examples:
  $ leeway labels send chargebacks.csv --model fraud --id transaction --label outcome --source chargebacks
  $ psql -c "copy (select id, price from sales) to stdout csv header" | leeway labels send - --format csv --model prices --id id --value price`,
    )
    .action(async (files: string[], options: SendOptions) => send(files, options));
}

async function send(files: readonly string[], options: SendOptions): Promise<void> {
  const { model, modelVersion, id, row, label, value, source, format, dryRun, json } = options;
  if (label === undefined && value === undefined)
    throw new CliError('option-invalid', 'what was true? name its column by --label (a class) or --value (a number)');
  const { createProgress } = await import('../progress.ts');
  const { sendLabels } = await import('../labels/send-labels.ts');
  const progress = createProgress(process.stderr);
  const started = performance.now();
  let counts: LabelCounts;
  try {
    const request = {
      files,
      format,
      columns: { id, row, label, value },
      model: { name: model, version: modelVersion },
      source,
      isDryRun: dryRun === true,
    };
    counts = await sendLabels(request, progress, process.env);
  } finally {
    progress.stop();
  }
  const { printable } = await import('../printable.ts');
  const seconds = (performance.now() - started) / 1000;
  if (json === true) process.stdout.write(`${JSON.stringify(counts, null, 2)}\n`);
  else process.stdout.write(`${printable(summary(counts, model, seconds))}\n`);
  requireRight(counts);
}

function summary({ labels, url, faults }: LabelCounts, model: string, seconds: number): string {
  const what = `${number(labels)} labels of ${model}`;
  const done = url === undefined ? `would be sent (--dry-run)` : `accepted by ${url} in ${seconds.toFixed(1)} s`;
  const unknown = faults.no_truth === undefined ? '' : `; ${FAULT_TEXTS.no_truth}: ${number(faults.no_truth.rows)}`;
  return `${what}: ${done}${unknown}`;
}

/** @throws CliError for rows that should have been labels, and for files without any */
function requireRight({ rows, labels, faults }: LabelCounts): void {
  const { no_truth: _, ...wrong } = faults;
  const texts = Object.entries(wrong).map(
    ([fault, { rows: count, first }]) =>
      `${FAULT_TEXTS[fault as keyof typeof wrong]}: ${number(count)}, first ${first}`,
  );
  if (labels === 0 && texts.length === 0) texts.push(`none of ${number(rows)} rows has a label`);
  if (texts.length > 0)
    throw new CliError('labels-invalid', `${texts.join('; ')}: put them right and send the file again`);
}

const number = (count: number): string => count.toLocaleString('en-US');
