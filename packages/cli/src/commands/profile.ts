/** `leeway profile`: a reference from training data. */
import { renameSync, writeFileSync } from 'node:fs';
import { parseDuration } from '@leeway/sidecar/config';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { NO_METADATA, readMetadata } from '../profile/metadata.ts';
import { profileTable } from '../profile/profile-table.ts';
import { createProgress } from '../progress.ts';
import { FORMATS, type Format } from '../table/reader.ts';

interface ProfileOptions {
  readonly model: string;
  readonly modelVersion?: string;
  readonly name: string;
  readonly format?: Format;
  readonly type: ReadonlyMap<string, 'numeric' | 'categorical'>;
  readonly prediction: ReadonlyMap<string, string | undefined>;
  readonly label?: string;
  readonly time?: string;
  readonly window: number;
  readonly exclude: readonly string[];
  readonly only: readonly string[];
  readonly metadata?: string;
  readonly datasetName?: string;
  readonly datasetVersion?: string;
  readonly output?: string;
}

export function addProfile(program: Command): void {
  program
    .command('profile')
    .description('Make a reference profile from training data: distributions without rows.')
    .argument('<files...>', 'CSV, TSV, JSONL or Parquet files with the same columns; - for standard input')
    .requiredOption('-m, --model <name>', 'name of the model, as its service calls it in ml.model.name')
    .option('--model-version <version>', 'version of the model')
    .option('--name <name>', 'name of the reference', 'training')
    .addOption(new Option('--format <format>', 'format, where the name does not say it').choices(FORMATS))
    .option(
      '--type <column=type>',
      'numeric or categorical, where the guess is wrong (repeatable)',
      collectTypes,
      new Map(),
    )
    .option(
      '--prediction <column[=output]>',
      'a column that the model predicted; output is label, value, score or the name of a class (repeatable)',
      collectPredictions,
      new Map(),
    )
    .option('--label <column>', 'the column that holds the truth: not a feature')
    .option('--time <column>', 'the column that holds the time: measures how much the data drift by themselves')
    .option('--window <duration>', 'length of the windows that will be compared', parseWindow, 86_400_000)
    .option('--exclude <columns>', 'columns to leave out, separated by commas (repeatable)', collectNames, [])
    .option('--only <columns>', 'the only columns to take (repeatable)', collectNames, [])
    .option('--metadata <file>', 'YAML with owner, source, description, type and monitor by feature')
    .option('--dataset-name <name>', 'name of the data set')
    .option('--dataset-version <version>', 'version of the data set')
    .option('-o, --output <file>', 'where to write the profile (default: standard output)')
    .addHelpText(
      'after',
      `
Examples:
  $ leeway profile january.parquet -m fraud --prediction score --label is_fraud --time at --window 1d -o fraud.json
  $ zcat rows.csv.gz | leeway profile - --format csv -m churn --exclude customer_id --type plan=categorical -o churn.json

With --time the profile also says how much the data drift against themselves from block to block of --window, and
alarms take it into account. Identifiers and free text are left out and named; --only or --type takes them anyway.`,
    )
    .action(async (files: string[], options: ProfileOptions) => profile(files, options));
}

async function profile(files: readonly string[], options: ProfileOptions): Promise<void> {
  if (files.includes('-') && files.length > 1)
    throw new CliError('option-invalid', 'standard input (-) cannot be mixed with files: give one of them');
  const onInterrupt = () => process.exit(130);
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  const progress = createProgress(process.stderr);
  try {
    const { profile: made, notes } = await profileTable(
      {
        files,
        name: options.name,
        model: options.model,
        types: options.type,
        predictions: options.prediction,
        windowMs: options.window,
        exclude: options.exclude,
        only: options.only,
        metadata: options.metadata === undefined ? NO_METADATA : readMetadata(options.metadata),
        createdAt: new Date().toISOString(),
        ...(options.format === undefined ? {} : { format: options.format }),
        ...(options.modelVersion === undefined ? {} : { modelVersion: options.modelVersion }),
        ...(options.datasetName === undefined ? {} : { datasetName: options.datasetName }),
        ...(options.datasetVersion === undefined ? {} : { datasetVersion: options.datasetVersion }),
        ...(options.label === undefined ? {} : { label: options.label }),
        ...(options.time === undefined ? {} : { time: options.time }),
      },
      progress,
    );
    progress.stop();
    for (const note of notes) process.stderr.write(`note: ${note}\n`);
    write(`${JSON.stringify(made, null, 1)}\n`, options.output);
    const monitored = [...made.features, ...made.outputs].filter(({ monitor }) => monitor).length;
    process.stderr.write(
      `${made.rowCount.toLocaleString('en-US')} rows, ${made.features.length} features, ${made.outputs.length} outputs, ${monitored} monitored · ${made.id}\n`,
    );
  } finally {
    progress.stop();
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

/** Whole or not at all: a sidecar may be watching the file. */
function write(text: string, output: string | undefined): void {
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(`${output}.part`, text);
    renameSync(`${output}.part`, output);
  } catch (error) {
    throw new CliError(
      'file-missing',
      `${output}: cannot be written (${(error as NodeJS.ErrnoException).code}): choose a folder that exists`,
    );
  }
}

function collectTypes(text: string, types: ReadonlyMap<string, string>): Map<string, string> {
  const at = text.lastIndexOf('=');
  const type = text.slice(at + 1);
  if (at < 1 || (type !== 'numeric' && type !== 'categorical'))
    throw new InvalidArgumentError('Write column=numeric or column=categorical.');
  return new Map([...types, [text.slice(0, at), type]]);
}

function collectPredictions(text: string, predictions: ReadonlyMap<string, string | undefined>) {
  const at = text.lastIndexOf('=');
  const entry: readonly [string, string | undefined] =
    at < 1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  if (entry[0] === '' || entry[1] === '') throw new InvalidArgumentError('Write column or column=output.');
  return new Map([...predictions, entry]);
}

function collectNames(text: string, names: readonly string[]): string[] {
  return [
    ...names,
    ...text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ];
}

function parseWindow(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1000) throw new InvalidArgumentError('Write a duration such as 1h or 1d.');
  return ms;
}
