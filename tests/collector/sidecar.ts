/** Leeway's sidecar as a user starts it: a configuration file, a reference file, the standard environment. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DriftMetric, ReferenceProfile } from '@leeway/engine';
import { stringify } from 'yaml';
import { freePorts, type Service, startService } from './processes.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface SidecarSettings {
  /** A folder of this run for its files. */
  readonly folder: string;
  readonly references: readonly ReferenceProfile[];
  /** Statistics to compute, at most three. */
  readonly metrics: readonly DriftMetric[];
  /** `event`: panes close by the events' own time. */
  readonly clock: 'wall' | 'event';
  readonly windowMs: number;
  readonly paneMs: number;
  readonly latenessMs: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunningSidecar {
  readonly service: Service;
  readonly otlpPort: number;
  /** Of /metrics. */
  readonly httpPort: number;
}

export async function startSidecar(settings: SidecarSettings): Promise<RunningSidecar> {
  const { folder, references, metrics, clock, windowMs, paneMs, latenessMs } = settings;
  const [otlpPort, httpPort] = await freePorts(2);
  mkdirSync(folder, { recursive: true });
  const files = references.map((reference, i) => {
    const file = `reference-${i}.json`;
    writeFileSync(join(folder, file), JSON.stringify(reference));
    return { model: reference.model.name, file };
  });
  const config = {
    listen: { otlp_http: `127.0.0.1:${otlpPort}`, http: `127.0.0.1:${httpPort}` },
    window: { length: `${windowMs}ms`, pane: `${paneMs}ms`, lateness: `${latenessMs}ms`, clock },
    references: files,
    metrics,
  };
  writeFileSync(join(folder, 'leeway.yaml'), stringify(config));
  const main = join(ROOT, 'packages', 'cli', 'src', 'main.ts');
  const service = await startService({
    name: 'sidecar',
    // The project's own Node, whatever the host has.
    file: process.execPath,
    args: ['--conditions=@leeway/source', main, 'sidecar', '--config', join(folder, 'leeway.yaml')],
    cwd: folder,
    env: settings.env,
    readyUrl: `http://127.0.0.1:${httpPort}/readyz`,
  });
  return { service, otlpPort, httpPort };
}
