/** A built Collector under one of the shipped configurations, on free ports. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { CONFIG_FOLDER } from './build.ts';
import { freePorts, type Service, startService } from './processes.ts';

export interface RunningCollector {
  readonly service: Service;
  /** Where services send to, and where the sidecar sends its own telemetry back. */
  readonly endpoint: string;
  readonly returnEndpoint: string;
}

export interface CollectorSettings {
  /** A file of collector-config/, or an absolute path. */
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of the receiver for the sidecar's own telemetry, where it must be known beforehand; otherwise a free one. */
  readonly returnPort?: number;
}

export async function startCollector(binary: string, settings: CollectorSettings): Promise<RunningCollector> {
  const [http, grpc, health, metrics, free] = await freePorts(5);
  const back = settings.returnPort ?? free;
  const service = await startService({
    name: `Collector with ${settings.config}`,
    file: binary,
    args: ['--config', resolve(CONFIG_FOLDER, settings.config)],
    env: {
      OTLP_HTTP_LISTEN: `127.0.0.1:${http}`,
      OTLP_GRPC_LISTEN: `127.0.0.1:${grpc}`,
      LEEWAY_RETURN_LISTEN: `127.0.0.1:${back}`,
      HEALTH_LISTEN: `127.0.0.1:${health}`,
      COLLECTOR_METRICS_PORT: String(metrics),
      ...settings.env,
    },
    readyUrl: `http://127.0.0.1:${health}/`,
  });
  return { service, endpoint: `http://127.0.0.1:${http}`, returnEndpoint: `http://127.0.0.1:${back}` };
}

/** What the Collector's own `validate` says; undefined when it accepts the file. */
export function validationError(binary: string, config: string): string | undefined {
  const { status, stdout, stderr } = spawnSync(binary, ['validate', '--config', resolve(CONFIG_FOLDER, config)], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `${stdout}${stderr}`.trim();
}
