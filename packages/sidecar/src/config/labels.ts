/** The configuration of labels as the keeper reads it: milliseconds, and a path from where the configuration stands. */
import { dirname, resolve } from 'node:path';
import { milliseconds } from '@leeway/engine';
import type { LabelKeeperSettings } from '../labels/label-keeper.ts';
import type { Config } from './schema.ts';

type LabelSettings = Pick<LabelKeeperSettings, 'path' | 'ttlMs' | 'labelWaitMs' | 'rowsMax' | 'bytesMax' | 'dueMs'>;

export function labelSettings(
  { path, ttl, wait, due, rows, bytes }: NonNullable<Config['labels']>,
  configFile: string | undefined,
): LabelSettings {
  const folder = configFile === undefined ? '.' : dirname(configFile);
  return {
    path: path === ':memory:' ? path : resolve(folder, path),
    ttlMs: milliseconds(ttl),
    labelWaitMs: milliseconds(wait),
    dueMs: milliseconds(due),
    rowsMax: rows,
    bytesMax: bytes,
  };
}
