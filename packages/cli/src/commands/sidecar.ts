/** `leeway sidecar`: the process beside a Collector. */
import { constants } from 'node:os';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';

interface SidecarCommandOptions {
  readonly config?: string;
  readonly reference: readonly string[];
}

export function addSidecar(program: Command): void {
  program
    .command('sidecar')
    .description('Receive OTLP, compare with references, export drift over OTLP and on /metrics.')
    .option('-c, --config <file>', 'YAML configuration (default: loopback, windows of an hour)')
    .addOption(
      new Option('-r, --reference <file>', 'reference profile for all versions of its model (repeatable)')
        .argParser((file: string, all: string[]) => [...all, file])
        .default([], 'none'),
    )
    .addHelpText(
      'after',
      `
Receives OTLP/HTTP on 127.0.0.1:14318; /metrics, /healthz and /readyz are on 127.0.0.1:14319.
Exports over OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set; all OTEL_EXPORTER_OTLP_* settings apply.
Every single setting of the file has a variable, such as LEEWAY_WINDOW_LENGTH=1d.
The configuration, references, tokens and certificates are read again when a file changes and at SIGHUP, without losing
windows; what needs a restart (addresses, window, workers, most limits) is said by name.
SIGINT and SIGTERM export the last windows and end within ten seconds; a second one ends at once.

Examples:
  $ leeway sidecar --reference reference.json
  $ OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 leeway sidecar --config leeway.yaml`,
    )
    .action(async ({ config, reference }: SidecarCommandOptions) => run(config, reference));
}

async function run(configFile: string | undefined, referenceFiles: readonly string[]): Promise<void> {
  const { SidecarError, startSidecar } = await import('@leeway/sidecar');
  const sidecar = await startSidecar({
    env: process.env,
    referenceFiles,
    ...(configFile === undefined ? {} : { configFile }),
  }).catch((error: unknown) => {
    throw error instanceof SidecarError ? new CliError('config-invalid', error.message) : error;
  });
  process.on('SIGHUP', () => void sidecar.reload());
  const first = await new Promise<Signal>((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve(signal));
  });
  for (const signal of SIGNALS) process.on(signal, () => process.exit(128 + constants.signals[first]));
  await sidecar.stop();
  // A backend that hangs may still hold a connection.
  process.exit(0);
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];
