import type { Config } from './schema.ts';

/** Whether a signal is exported: when asked for, or when the environment names an endpoint for it. */
export function exportsOtlp(
  { export: { otlp } }: Config,
  env: Readonly<Record<string, string | undefined>>,
  signal: 'METRICS' | 'TRACES' | 'LOGS',
): boolean {
  if (otlp === 'off' || env.OTEL_SDK_DISABLED === 'true' || env[`OTEL_${signal}_EXPORTER`] === 'none') return false;
  const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint ? true : otlp === 'on' && signal === 'METRICS';
}
