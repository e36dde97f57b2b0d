/** `leeway doctor -- node app.js`: why does nothing arrive? Runs the application and follows the telemetry to the end. */
import { type Command, InvalidArgumentError } from 'commander';

interface DoctorOptions {
  readonly timeout: number;
  readonly sidecar?: string;
  readonly json?: boolean;
}

const TIMEOUT = '30s';
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
/** Ports of a sidecar on its defaults: what takes OTLP, and what has /metrics. */
const SIDECAR_OTLP_PORT = '14318';
const SIDECAR_HTTP_PORT = '14319';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Run an application, follow its telemetry to the end, and say why nothing arrives.')
    .argument('<command...>', 'the command that starts the application, after --')
    .option('--timeout <time>', 'stop the application after this time: 45s, 2m', durationMs, durationMs(TIMEOUT))
    .option(
      '--sidecar <url>',
      'where the sidecar serves /metrics (default: http://host:14319 beside an endpoint on 14318)',
      url,
    )
    .option('--json', 'print the checklist as JSON; what the application prints is on stderr in any case')
    .addHelpText(
      'after',
      `
Checks in this order: @leeway/register, switches, libraries, inference, SDK, exports, sampling, capture, @opentelemetry/api, the
endpoint of OTEL_EXPORTER_OTLP_*, clocks, sidecar, model, names of features. Each failure comes with its fix.
Exit code 1 when anything failed. No value of a feature is read, printed or stored; the endpoint gets one empty request.

Examples:
  $ leeway doctor -- node --import @leeway/register app.js
  $ leeway doctor --timeout 2m --sidecar http://127.0.0.1:14319 -- node --import @leeway/register server.js
  $ leeway doctor --json -- npm start | jq '.checks[] | select(.state == "failed")'`,
    )
    .action(diagnose);
}

async function diagnose(command: string[], options: DoctorOptions): Promise<void> {
  const { applicationChecks } = await import('../doctor/application-checks.ts');
  const { apiCheck } = await import('../doctor/api-copies.ts');
  const { printedChecklist } = await import('../doctor/checklist.ts');
  const { endpointChecks, sidecarChecks, unaskedEndpoint } = await import('../doctor/destination-checks.ts');
  const { probeEndpoint } = await import('../doctor/endpoint-probe.ts');
  const { observeRun } = await import('../doctor/observed-run.ts');
  const { probeSidecar } = await import('../doctor/sidecar-probe.ts');
  const { printable, printableTexts } = await import('../printable.ts');
  const run = await observeRun(command, options.timeout);
  const { registered, inferences } = run.facts;
  const env = { ...process.env, ...registered[0]?.env };
  const endpoint = registered[0]?.endpoint ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://localhost:4318';
  const sidecar = options.sidecar ?? sidecarBeside(endpoint);
  const models = inferences.map(({ model }) => model);
  const unasked = unaskedEndpoint(env);
  const checks = [
    ...applicationChecks(run),
    apiCheck(process.cwd()),
    ...(unasked === undefined ? endpointChecks(await probeEndpoint(endpoint, env, Date.now)) : [unasked]),
    ...sidecarChecks(sidecar === undefined ? undefined : await probeSidecar(sidecar, models), inferences),
  ];
  const isOk = checks.every(({ state }) => state !== 'failed');
  const text = options.json
    ? `${JSON.stringify(printableTexts({ ok: isOk, checks }), undefined, 2)}\n`
    : printable(printedChecklist(checks));
  process.stdout.write(text);
  if (!isOk) process.exitCode = 1;
}

function sidecarBeside(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return undefined;
  const { hostname, port } = new URL(endpoint);
  return port === SIDECAR_OTLP_PORT ? `http://${hostname}:${SIDECAR_HTTP_PORT}` : undefined;
}

function durationMs(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  if (count === undefined || unit === undefined || Number(count) === 0)
    throw new InvalidArgumentError('a time such as 45s or 2m is expected.');
  return Number(count) * (UNITS_MS[unit] ?? 1);
}

function url(text: string): string {
  if (!/^https?:/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('a URL such as http://127.0.0.1:14319 is expected.');
  return text;
}
