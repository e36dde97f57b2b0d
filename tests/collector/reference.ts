/** References for the runs, made with the engine's own builder from rows in memory. */
import { createHash } from 'node:crypto';
import {
  buildProfile,
  type ColumnInput,
  type ColumnRole,
  type ModelDescription,
  type ReferenceProfile,
  sealProfile,
} from '@leeway/engine';
import { LOAD_FEATURES, LOAD_MODEL, normalNumbers } from './load.ts';
import { FEATURES, MODEL, type Observation } from './observation.ts';

/** Fixed, so that the same rows give the same file. */
const CREATED_AT = '2001-02-01T00:00:00.000Z';
const LOAD_ROWS = 20_000;

export type ColumnValue = number | string | null;

/** Reads one column of an observation, in the reference's order: features, then outputs. */
export const COLUMNS: readonly { name: string; role: ColumnRole; of: (row: Observation) => ColumnValue }[] = [
  ...FEATURES.map((name) => ({ name, role: 'feature' as const, of: (row: Observation) => row.features[name] })),
  { name: 'score', role: 'output', of: (row) => row.score },
  { name: 'label', role: 'output', of: (row) => row.label },
];

export function flightsReference(
  rows: readonly Observation[],
  windowMs: number,
  model: ModelDescription = MODEL,
): ReferenceProfile {
  return profileOf(
    model,
    COLUMNS.map(({ name, role, of }) => columnInput(name, role, rows.map(of))),
    windowMs,
  );
}

/** Of the load's model: standard normal features. */
export function loadReference(windowMs: number): ReferenceProfile {
  const random = normalNumbers(7);
  const column = (of: () => ColumnValue) => Array.from({ length: LOAD_ROWS }, of);
  const score = () => 1 / (1 + Math.exp(-random()));
  const columns = [
    ...LOAD_FEATURES.map((name) => columnInput(name, 'feature', column(random))),
    columnInput('score', 'output', column(score)),
    columnInput(
      'label',
      'output',
      column(() => (score() > 0.5 ? 'yes' : 'no')),
    ),
  ];
  return profileOf(LOAD_MODEL, columns, windowMs);
}

function profileOf(model: ModelDescription, columns: readonly ColumnInput[], windowMs: number): ReferenceProfile {
  const draft = buildProfile({ name: 'training', createdAt: CREATED_AT, model, dataset: {}, windowMs, columns });
  return sealProfile(draft, (text) => createHash('sha256').update(text).digest('hex'));
}

/** Numeric when any value is a number; text among numbers is a type error. */
function columnInput(name: string, role: ColumnRole, cells: readonly ColumnValue[]): ColumnInput {
  if (cells.some((cell) => typeof cell === 'number')) {
    const values = Float64Array.from(cells, (cell) => (typeof cell === 'number' ? cell : Number.NaN));
    const typeErrorCount = cells.filter((cell) => typeof cell === 'string').length;
    return { name, role, type: 'numeric', monitor: true, typeErrorCount, rows: source(values) };
  }
  const categories = [...new Set(cells.filter((cell) => typeof cell === 'string'))];
  const indexes = new Map(categories.map((category, i) => [category, i]));
  const values = Float64Array.from(cells, (cell) => indexes.get(String(cell)) ?? -1);
  return { name, role, type: 'categorical', monitor: true, categories, rows: source(values) };
}

const source = (values: Float64Array): ColumnInput['rows'] => ({ scan: (visit) => visit(values, values.length) });
