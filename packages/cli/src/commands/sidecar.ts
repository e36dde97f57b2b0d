/** `leeway sidecar`: the process beside a Collector. */
import type { Command } from 'commander';
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
    .option(
      '-r, --reference <file>',
      'reference profile for all versions of its model (repeatable)',
      (file: string, all: string[]) => [...all, file],
      [],
    )
    .addHelpText(
      'after',
      `
Receives OTLP/HTTP on 127.0.0.1:14318; /metrics, /healthz and /readyz are on 127.0.0.1:14319.
Exports over OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set; all OTEL_EXPORTER_OTLP_* settings apply.
Every single setting of the file has a variable, such as LEEWAY_WINDOW_LENGTH=1d. SIGHUP reloads references.

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
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await sidecar.stop();
}
