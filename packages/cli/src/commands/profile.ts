/** `leeway profile`: a reference from training data. */
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { printable } from '../printable.ts';
import type { ProfileRequest } from '../profile/profile-table.ts';
import { FORMATS, type Format } from '../table/reader.ts';
import { TIME_UNITS, type TimeUnit } from '../table/time.ts';

interface ProfileOptions {
  readonly model: string;
  readonly modelVersion?: string;
  readonly name: string;
  readonly format?: Format;
  readonly type?: ReadonlyMap<string, 'numeric' | 'categorical'>;
  readonly prediction?: ReadonlyMap<string, string | undefined>;
  readonly label?: string;
  readonly positive?: string;
  readonly time?: string;
  readonly timeUnit?: TimeUnit;
  readonly window: string;
  readonly exclude?: readonly string[];
  readonly only?: readonly string[];
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
    .option('--type <column=type>', 'numeric or categorical, where the guess is wrong (repeatable)', collectTypes)
    .option(
      '--prediction <column[=output]>',
      'a column that the model predicted; output is label, value, score or the name of a class (repeatable)',
      collectPredictions,
    )
    .option(
      '--label <column>',
      'the column that holds the truth: says how right the predictions were, and is no feature',
    )
    .option('--positive <class>', 'of two classes the one that scores are of (default: 1, true, yes, or the last)')
    .option('--time <column>', 'the column that holds the time: measures how much the data drift by themselves')
    .addOption(
      new Option('--time-unit <unit>', 'of its numbers, where their size does not say it').choices(
        Object.keys(TIME_UNITS),
      ),
    )
    .option('--window <duration>', 'length of the windows that will be compared: window.length of the sidecar', '1h')
    .option('--exclude <columns>', 'columns to leave out, separated by commas (repeatable)', collectNames)
    .option('--only <columns>', 'the only columns to take (repeatable)', collectNames)
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

With --time the profile also says how much the data drift against themselves from block to block of --window, by hour of
the day (of the week from eight weeks on) and from day to day; alarms take it into account, and a note says when another
window would see more. Identifiers and free text are left out and named; --type takes one anyway.

With --label and --prediction it says how right the model was, how sure that is, and what its scores are worth: what
performance with and without labels is held against. Give rows that the model was not trained on.`,
    )
    .action(async (files: string[], options: ProfileOptions) => profile(files, options));
}

async function profile(files: readonly string[], options: ProfileOptions): Promise<void> {
  if (files.includes('-') && files.length > 1)
    throw new CliError('option-invalid', 'standard input (-) cannot be mixed with files: give one of them');
  requireConsistent(options);
  if (options.output !== undefined) requireWritable(options.output, [...files, options.metadata]);
  const request = await requestOf(files, options);
  const { createProgress } = await import('../progress.ts');
  const { profileInWorker } = await import('../profile/profile-in-worker.ts');
  const onInterrupt = () => process.exit(130);
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  const progress = createProgress(process.stderr);
  try {
    const { profile: made, notes } = await profileInWorker(request, progress);
    progress.stop();
    for (const note of notes) process.stderr.write(`note: ${printable(note)}\n`);
    write(`${JSON.stringify(made, null, 1)}\n`, options.output);
    const monitored = [...made.features, ...made.outputs].filter(({ monitor }) => monitor).length;
    process.stderr.write(
      `${options.output ?? 'reference'}: ${made.rowCount.toLocaleString('en-US')} rows, ${counted(made.features.length, 'feature')}, ${counted(made.outputs.length, 'output')}, ${monitored} monitored · ${made.id}\n`,
    );
  } finally {
    progress.stop();
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

async function requestOf(files: readonly string[], options: ProfileOptions): Promise<ProfileRequest> {
  const { parseDuration } = await import('@leeway/sidecar/config');
  const { NO_METADATA, readMetadata } = await import('../profile/metadata.ts');
  const windowMs = parseDuration(options.window);
  if (windowMs === undefined || windowMs < 1000)
    throw new CliError(
      'option-invalid',
      `--window ${options.window}: write a duration of at least 1s, such as 1h or 1d`,
    );
  const { format, modelVersion, datasetName, datasetVersion, label, positive, time, timeUnit } = options;
  return {
    files,
    name: options.name,
    model: options.model,
    types: options.type ?? new Map(),
    predictions: options.prediction ?? new Map(),
    windowMs,
    exclude: options.exclude ?? [],
    only: options.only ?? [],
    metadata: options.metadata === undefined ? NO_METADATA : readMetadata(options.metadata),
    createdAt: new Date().toISOString(),
    ...(format === undefined ? {} : { format }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(datasetName === undefined ? {} : { datasetName }),
    ...(datasetVersion === undefined ? {} : { datasetVersion }),
    ...(label === undefined ? {} : { label }),
    ...(positive === undefined ? {} : { positive }),
    ...(time === undefined ? {} : { time }),
    ...(timeUnit === undefined ? {} : { timeUnit }),
  };
}

/** Before the data are read, which may take long. */
function requireWritable(output: string, inputs: readonly (string | undefined)[]): void {
  const own = existing(output);
  const input = inputs.find(
    (path) => path !== undefined && path !== '-' && own !== undefined && existing(path) === own,
  );
  if (input !== undefined) throw unwritable(output, 'it is one of the files that are read');
  try {
    accessSync(dirname(output), constants.W_OK);
    if (statSync(output, { throwIfNoEntry: false })?.isDirectory() === true) throw unwritable(output, 'it is a folder');
  } catch (error) {
    throw error instanceof CliError ? error : unwritable(output, (error as NodeJS.ErrnoException).code);
  }
}

/** The file itself, whatever it is called; undefined when there is none. */
function existing(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** A column has one part: what says two is a mistake. */
function requireConsistent({ prediction, label, time, exclude = [], only = [], type }: ProfileOptions): void {
  const parts: (readonly [string, string])[] = [
    ...[...(prediction?.keys() ?? [])].map((name) => ['--prediction', name] as const),
    ...(label === undefined ? [] : [['--label', label] as const]),
    ...(time === undefined ? [] : [['--time', time] as const]),
    ...exclude.map((name) => ['--exclude', name] as const),
  ];
  const seen = new Map<string, string>();
  for (const [option, name] of parts) {
    const before = seen.get(name);
    if (before !== undefined && before !== option) throw contradiction(before, option, name);
    seen.set(name, option);
  }
  for (const name of only) {
    const option = seen.get(name);
    if (option !== undefined && option !== '--prediction') throw contradiction(option, '--only', name);
  }
  for (const name of type?.keys() ?? [])
    if (name === time || exclude.includes(name)) throw contradiction(seen.get(name) ?? '', '--type', name);
}

function contradiction(first: string, second: string, name: string): CliError {
  return new CliError('option-invalid', `${first} ${name} and ${second} ${name} contradict each other: keep one`);
}

/** Whole or not at all: a sidecar may be watching the file. */
function write(text: string, output: string | undefined): void {
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  // A link stays a link: what it points to is replaced.
  const target = existing(output) ?? output;
  const isReplaced = statSync(target, { throwIfNoEntry: false })?.isFile() !== false;
  const part = `${target}.${process.pid}.part`;
  try {
    if (isReplaced) {
      writeFileSync(part, text, { flag: 'wx' });
      renameSync(part, target);
    } else writeFileSync(target, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(part, { force: true });
    throw unwritable(output, (error as NodeJS.ErrnoException).code);
  }
}

function unwritable(output: string, why: string | undefined): CliError {
  return new CliError(
    'output-unwritable',
    `${output}: cannot be written (${why}): name a file in a folder that exists and may be written to`,
  );
}

function collectTypes(text: string, types: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const at = text.lastIndexOf('=');
  const type = text.slice(at + 1);
  if (at < 1 || (type !== 'numeric' && type !== 'categorical'))
    throw new InvalidArgumentError('Write column=numeric or column=categorical.');
  return new Map([...types, [text.slice(0, at), type]]);
}

export function collectPredictions(text: string, predictions: ReadonlyMap<string, string | undefined> = new Map()) {
  const at = text.lastIndexOf('=');
  const entry: readonly [string, string | undefined] =
    at < 1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  if (entry[0] === '' || entry[1] === '') throw new InvalidArgumentError('Write column or column=output.');
  return new Map([...predictions, entry]);
}

function collectNames(text: string, names: readonly string[] = []): string[] {
  return [
    ...names,
    ...text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ];
}
