/** A small table and what is needed to profile it in one process, for tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { NO_METADATA } from '../src/profile/metadata.ts';
import { type ProfileReport, type ProfileRequest, profileTable } from '../src/profile/profile-table.ts';

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeTemporary(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

export function profileFiles(files: readonly string[], request: Partial<ProfileRequest> = {}): Promise<ProfileReport> {
  return profileTable(
    {
      files,
      name: 'training',
      model: 'test',
      types: new Map(),
      predictions: new Map(),
      windowMs: 86_400_000,
      exclude: [],
      only: [],
      metadata: NO_METADATA,
      createdAt: '2026-01-01T00:00:00.000Z',
      ...request,
    },
    temporaryFolder(),
    { reading: () => undefined, building: () => undefined },
  );
}

/** Profile of a CSV with these columns. */
export function profileColumns(
  columns: Readonly<Record<string, readonly unknown[]>>,
  request: Partial<ProfileRequest> = {},
): Promise<ProfileReport> {
  const names = Object.keys(columns);
  const rowCount = Math.max(...names.map((name) => columns[name].length));
  const lines = Array.from({ length: rowCount }, (_, row) => names.map((name) => quoted(columns[name][row])).join(','));
  return profileFiles([writeTemporary('table.csv', `${names.join(',')}\n${lines.join('\n')}\n`)], request);
}

/** Days of orders: numbers, categories, missing cells, texts that need quotes, characters beyond ASCII. */
export function orders(rowCount: number): Row[] {
  const cities = ['Zürich', 'New York, NY', 'say "hi"', 'São Paulo', '東京'];
  return Array.from({ length: rowCount }, (_, i) => ({
    amount: i % 17 === 0 ? null : Math.round(1000 * Math.sin(i) ** 2) / 8,
    items: (i * 7) % 11,
    city: i % 23 === 0 ? null : cities[(i * 3) % cities.length],
    late: i % 3 === 0,
  }));
}

export function toDelimited(rows: readonly Row[], delimiter: string): string {
  const names = Object.keys(rows[0]);
  const lines = rows.map((row) => names.map((name) => quoted(row[name], delimiter)).join(delimiter));
  return `${[names.join(delimiter), ...lines].join('\n')}\n`;
}

export function toJsonLines(rows: readonly Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function quoted(value: unknown, delimiter = ','): string {
  const text = value === null || value === undefined ? '' : String(value);
  return text.includes(delimiter) || text.includes('"') || text.includes('\n')
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}
