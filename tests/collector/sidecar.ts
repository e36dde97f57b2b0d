/** Leeway's sidecar as a user starts it: a configuration file, a reference file, the standard environment. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReferenceProfile } from '@leeway/engine';
import { stringify } from 'yaml';
import { freePorts, type Service, startService } from './processes.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface SidecarSettings {
  /** A folder of this run for its files. */
  readonly folder: string;
  readonly reference: ReferenceProfile;
  /** `event`: panes close by the events' own time. */
  readonly mode: 'wall' | 'event';
  readonly windowMs: number;
  readonly paneMs: number;
  readonly latenessMs: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunningSidecar {
  readonly service: Service;
  readonly otlpPort: number;
  readonly metricsPort: number;
}

export async function startSidecar(settings: SidecarSettings): Promise<RunningSidecar> {
  const { folder, reference, mode, windowMs, paneMs, latenessMs } = settings;
  const [otlpPort, metricsPort] = await freePorts(2);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'reference.json'), JSON.stringify(reference));
  const config = {
    listen: { otlp_http: `127.0.0.1:${otlpPort}`, metrics: `127.0.0.1:${metricsPort}` },
    time: { mode },
    window: `${windowMs / 1000}s`,
    pane: `${paneMs / 1000}s`,
    lateness: `${latenessMs / 1000}s`,
    models: [{ name: reference.model.name, references: ['reference.json'] }],
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
    readyUrl: `http://127.0.0.1:${metricsPort}/readyz`,
  });
  return { service, otlpPort, metricsPort };
}
