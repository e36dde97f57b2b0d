/**
 * What people know of the data and the data cannot say: owners, sources, descriptions. An optional YAML beside it:
 *
 *     dataset: { name: flights, version: "2001-01" }
 *     model: { owner: operations, tier: high, task: classification }
 *     features:
 *       distance: { owner: data-platform, source: warehouse.routes, description: miles, monitor: true, type: numeric }
 */
import { readFileSync } from 'node:fs';
import { nearest } from '@leeway/sidecar/config';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';

const datasetSchema = z.strictObject({ name: z.string().optional(), version: z.string().optional() });
const modelSchema = z.strictObject({
  owner: z.string().optional(),
  tier: z.string().optional(),
  task: z.string().optional(),
});
const featureSchema = z.strictObject({
  type: z.enum(['numeric', 'categorical']).optional(),
  monitor: z.boolean().optional(),
  reason: z.string().optional(),
  owner: z.string().optional(),
  source: z.string().optional(),
  description: z.string().optional(),
});
const schema = z.strictObject({
  dataset: datasetSchema.default({}),
  model: modelSchema.default({}),
  features: z.record(z.string(), featureSchema).default({}),
});

export interface Metadata extends z.output<typeof schema> {
  /** file:line:column of each feature. */
  readonly places: Readonly<Record<string, string>>;
}

export const NO_METADATA: Metadata = { ...schema.parse({}), places: {} };

/** @throws CliError naming line and column of what is not understood */
export function readMetadata(path: string): Metadata {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new CliError('metadata-invalid', `${at(broken.pos[0])}: ${broken.message}`);
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  const place = (keys: readonly PropertyKey[]) => at(keyOffset(document, keys));
  if (parsed.success) {
    const names = Object.keys(parsed.data.features);
    return { ...parsed.data, places: Object.fromEntries(names.map((name) => [name, place(['features', name])])) };
  }
  const [issue] = parsed.error.issues;
  if (issue.code !== 'unrecognized_keys')
    throw new CliError(
      'metadata-invalid',
      `${place(issue.path)}: ${issue.path.join('.') || 'the file'}: ${issue.message}`,
    );
  const [key] = issue.keys;
  const known = knownKeys(issue.path);
  const meant = nearest(key, known);
  const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`;
  throw new CliError(
    'metadata-invalid',
    `${place([...issue.path, key])}: ${[...issue.path, key].join('.')}: unknown key; ${hint}`,
  );
}

function knownKeys([section, name]: readonly PropertyKey[]): string[] {
  if (section === undefined) return Object.keys(schema.shape);
  if (section === 'features') return name === undefined ? [] : Object.keys(featureSchema.shape);
  return Object.keys(section === 'model' ? modelSchema.shape : datasetSchema.shape);
}

/** Where the key of a path begins, or the nearest one above it that is there. */
function keyOffset(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (pair === undefined) break;
    offset = (pair.key as { range?: readonly number[] }).range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(
      'file-missing',
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code}): give an existing metadata file`,
    );
  }
}
