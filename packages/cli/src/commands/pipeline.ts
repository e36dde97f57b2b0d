/** `leeway pipeline`: a step of a training or batch pipeline, watched from the outside. */
import { type Command, InvalidArgumentError, Option } from 'commander';

interface RunOptions {
  readonly pipeline: string;
  readonly step?: string;
  readonly scheduled?: Date;
  readonly next?: Date;
  readonly every?: number;
  readonly rows?: number;
  readonly dataVersion?: string;
  readonly cost?: number;
  readonly budget?: number;
  readonly model?: string;
  readonly modelVersion?: string;
  readonly metric: Readonly<Record<string, number>>;
  readonly state?: string;
}

export function addPipeline(program: Command): void {
  const pipeline = program
    .command('pipeline')
    .description('Training and batch pipelines: runs, delays, failures and cost over OTLP.');
  pipeline
    .command('run')
    .description('Run a command and tell how it went: metrics ml.pipeline.* and an event ml.pipeline.run.')
    .argument('<command...>', 'what to run, after --')
    .requiredOption('-p, --pipeline <name>', 'the pipeline, such as retrain')
    .option('-s, --step <name>', 'the step of it, such as fit')
    .addOption(new Option('--scheduled <time>', 'when it was to start, ISO 8601 or Unix seconds').argParser(timeOf))
    .addOption(new Option('--next <time>', 'when the next run is due').argParser(timeOf))
    .addOption(
      new Option('--every <duration>', 'a next run is due so long after --scheduled, or after now: 1d')
        .argParser(durationOf)
        .conflicts('next'),
    )
    .addOption(new Option('--rows <n>', 'rows that it works on').argParser(countOf))
    .option('--data-version <version>', 'version of the data that it works on')
    .addOption(new Option('--cost <amount>', 'what the run costs').argParser(amountOf))
    .addOption(new Option('--budget <amount>', 'what the pipeline may cost, exported as a series').argParser(amountOf))
    .option('--model <name>', 'the model that it trains or scores with')
    .option('--model-version <version>', 'and its version')
    .addOption(
      new Option('--metric <name=value>', 'a final metric (repeatable)').argParser(metricOf).default({}, 'none'),
    )
    .option('--state <folder>', 'where the sums of all runs are kept (default: ~/.local/state/leeway/pipelines)')
    .addHelpText(
      'after',
      `
Input, output, signals and exit code are the command's own; 127 when it cannot be started. Whether the telemetry was taken
changes none of them: what was not taken is said on stderr.
The command may say more of its run: a JSON file at $LEEWAY_PIPELINE_RESULT, such as
  {"rows": 120000, "data_version": "2026-02-28", "cost": 3.2, "metrics": {"auroc": 0.71}}
It finds the pipeline and the step in $LEEWAY_PIPELINE and $LEEWAY_PIPELINE_STEP.
Counters go on from run to run: keep --state on a volume where the machine is not kept.
Telemetry goes to OTEL_EXPORTER_OTLP_ENDPOINT (default http://localhost:4318) by OTLP over HTTP.

Examples:
  $ leeway pipeline run -p retrain -s fit --every 1d --budget 20 -- python train.py
  $ leeway pipeline run -p score --scheduled 2026-03-01T02:00:00Z --rows 120000 -- ./score.sh`,
    )
    .action(async (command: readonly string[], options: RunOptions) => {
      const { runPipeline } = await import('../pipeline/run-pipeline.ts');
      const { every, scheduled, next, metric, ...facts } = options;
      const due = next ?? (every === undefined ? undefined : new Date((scheduled ?? new Date()).getTime() + every));
      process.exitCode = await runPipeline(command, { ...facts, scheduled, next: due, metrics: metric }, process.env);
    });
}

function timeOf(text: string): Date {
  const time = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!Number.isFinite(time)) throw new InvalidArgumentError('write 2026-03-01T02:00:00Z, or Unix seconds.');
  return new Date(time);
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function durationOf(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('write 30m, 1h or 1d.');
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

function countOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number from 0 on is expected.');
  return Number(text);
}

function amountOf(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('an amount such as 3.20 is expected.');
  return Number(text);
}

function metricOf(text: string, all: Readonly<Record<string, number>>): Record<string, number> {
  const [, name, value] = /^([^=]{1,256})=(.+)$/.exec(text) ?? [];
  if (name === undefined || value.trim() === '' || !Number.isFinite(Number(value)))
    throw new InvalidArgumentError('write auroc=0.71.');
  return { ...all, [name]: Number(value) };
}
