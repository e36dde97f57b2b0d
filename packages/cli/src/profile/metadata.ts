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
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';

const schema = z.strictObject({
  dataset: z.strictObject({ name: z.string().optional(), version: z.string().optional() }).default({}),
  model: z
    .strictObject({ owner: z.string().optional(), tier: z.string().optional(), task: z.string().optional() })
    .default({}),
  features: z
    .record(
      z.string(),
      z.strictObject({
        type: z.enum(['numeric', 'categorical']).optional(),
        monitor: z.boolean().optional(),
        reason: z.string().optional(),
        owner: z.string().optional(),
        source: z.string().optional(),
        description: z.string().optional(),
      }),
    )
    .default({}),
});

export type Metadata = z.output<typeof schema>;

export const NO_METADATA: Metadata = schema.parse({});

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
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const node = document.getIn(issue.path, true) as { range?: readonly number[] } | undefined;
  const where = at(node?.range?.[0] ?? 0);
  const name = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') throw new CliError('metadata-invalid', `${where}: ${name}: ${issue.message}`);
  const known = [
    'dataset',
    'model',
    'features',
    'name',
    'version',
    'owner',
    'tier',
    'task',
    'type',
    'monitor',
    'reason',
    'source',
    'description',
  ];
  const meant = nearest(issue.keys[0], known);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  throw new CliError(
    'metadata-invalid',
    `${where}: ${name === '' ? '' : `${name}.`}${issue.keys[0]}: unknown key${hint}`,
  );
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
