/** Copies of @opentelemetry/api beside an application: code over a newer one cannot see an SDK over an older one. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, failed, ok, unknown } from './checklist.ts';

const PATTERNS = [
  'node_modules/@opentelemetry/api/package.json',
  'node_modules/{*,@*/*}/node_modules/@opentelemetry/api/package.json',
];

/** @param folder of the application */
export function apiCheck(folder: string): Check {
  const versions = new Map<string, string[]>();
  for (const path of globSync(PATTERNS, { cwd: folder })) {
    const version = versionOf(join(folder, path));
    if (version === undefined) continue;
    versions.set(version, [...(versions.get(version) ?? []), path.replace('/package.json', '')]);
  }
  const found = [...versions.keys()].sort();
  if (found.length === 0) return unknown('api', `no @opentelemetry/api in ${join(folder, 'node_modules')}`);
  const lines = new Set(found.map((version) => version.split('.').slice(0, 2).join('.')));
  if (lines.size === 1) return ok('api', `@opentelemetry/api ${found.join(', ')}`);
  return failed(
    'api',
    `there are several lines of @opentelemetry/api: ${[...versions].map(([v, paths]) => `${v} (${paths[0]})`).join(', ')}`,
    'let all share one: npm ls @opentelemetry/api, then upgrade what holds the older one back',
  );
}

function versionOf(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version?: string }).version;
  } catch {
    return undefined;
  }
}
