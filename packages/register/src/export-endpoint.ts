/** Where the SDK sends what, by OpenTelemetry's own variables. */
type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT = 'http://localhost:4318';

/** @returns the endpoint, without the path of a signal unless the variable is a signal's own */
export function exportEndpoint(env: Environment): string {
  const given = (name: string) => env[name]?.trim() || undefined;
  return given('OTEL_EXPORTER_OTLP_ENDPOINT') ?? given('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? DEFAULT;
}
