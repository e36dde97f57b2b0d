/** What a reload changes while the sidecar runs, and what has to wait for the next start. */
import type { Config } from './config/schema.ts';

/** Settings, or sections, that take effect at once. */
const LIVE = [
  'references',
  'alarms',
  'metrics',
  'export',
  'retire_after',
  'log_level',
  'limits.memory_bytes',
  'listen.allowed_hosts',
  'listen.bearer_token_file',
  // The files are read again; whether there is TLS at all, and whether clients need a certificate, is not live.
  'listen.tls.cert_file',
  'listen.tls.key_file',
  'listen.tls.client_ca_file',
];

/** Paths of the settings that differ, as they are written in the file. */
export function changedSettings(before: Config, after: Config): string[] {
  return differences(before, after, '');
}

/** Of those, the ones that take effect at the next start only. */
export function settingsThatNeedRestart(before: Config, after: Config): string[] {
  const isTlsLive = canSwapTls(before, after);
  return changedSettings(before, after).filter((path) => {
    if (path.startsWith('listen.tls')) return !isTlsLive;
    return !LIVE.some((live) => path === live || path.startsWith(`${live}.`));
  });
}

/** What applies from now on: what the listeners and windows were made with stays. */
export function runningConfig(before: Config, after: Config): Config {
  const { allowed_hosts, bearer_token_file } = after.listen;
  const tls = canSwapTls(before, after) ? after.listen.tls : before.listen.tls;
  return {
    ...after,
    listen: { ...before.listen, allowed_hosts, bearer_token_file, tls },
    window: before.window,
    mapping: before.mapping,
    workers: before.workers,
    labels: before.labels,
    limits: { ...before.limits, memory_bytes: after.limits.memory_bytes },
  };
}

function canSwapTls({ listen: { tls: before } }: Config, { listen: { tls: after } }: Config): boolean {
  if (before === undefined || after === undefined) return false;
  return (before.client_ca_file === undefined) === (after.client_ca_file === undefined);
}

function differences(before: unknown, after: unknown, path: string): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [a, b] = [before ?? {}, after ?? {}];
  if (!isRecord(a) || !isRecord(b)) return [path];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], path === '' ? key : `${path}.${key}`),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
