/** Reference profiles for tests, built from plain values. */
import {
  buildProfile,
  type ColumnInput,
  type ColumnRole,
  type ColumnSource,
  type ProfileInput,
  type ReferenceProfile,
  sealProfile,
} from '@leeway/engine';

export type SampleColumn = readonly (number | string | null)[];

export interface SampleOptions extends Partial<Omit<ProfileInput, 'columns'>> {
  readonly outputs?: Readonly<Record<string, SampleColumn>>;
  readonly timesMs?: readonly number[];
  /** Rows in a chunk. */
  readonly chunk?: number;
  readonly overrides?: Readonly<Record<string, Partial<ColumnInput>>>;
}

/** A column is numeric when its first value is a number. */
export function profileOf(
  features: Readonly<Record<string, SampleColumn>>,
  { outputs = {}, timesMs, chunk, overrides = {}, ...rest }: SampleOptions = {},
): ReferenceProfile {
  const columns = (
    [
      [features, 'feature'],
      [outputs, 'output'],
    ] as const
  ).flatMap(([group, role]) =>
    Object.entries(group).map(([name, cells]) => ({
      ...columnOf(name, role, cells, timesMs, chunk),
      ...overrides[name],
    })),
  );
  const draft = buildProfile({
    name: 'training',
    createdAt: '2026-11-24T00:00:00Z',
    model: { name: 'sample' },
    dataset: {},
    ...rest,
    columns,
  });
  return sealProfile(draft, toyHash);
}

export function columnOf(
  name: string,
  role: ColumnRole,
  cells: SampleColumn,
  timesMs?: readonly number[],
  chunk?: number,
): ColumnInput {
  const first = cells.find((cell) => cell !== null);
  if (typeof first !== 'string') {
    const values = cells.map((cell) => (typeof cell === 'number' ? cell : Number.NaN));
    return { name, role, type: 'numeric', rows: sourceOf(values, timesMs, chunk) };
  }
  const categories = [...new Set(cells.filter((cell) => typeof cell === 'string'))];
  const indexes = cells.map((cell) => (typeof cell === 'string' ? categories.indexOf(cell) : -1));
  return { name, role, type: 'categorical', categories, rows: sourceOf(indexes, timesMs, chunk) };
}

/** Chunks are reused from one to the next, as a file reader would. */
export function sourceOf(values: readonly number[], timesMs?: readonly number[], chunk = 1000): ColumnSource {
  const buffer = new Float64Array(chunk);
  const times = new Float64Array(chunk);
  return {
    scan(visit) {
      for (let from = 0; from < values.length; from += chunk) {
        const count = Math.min(chunk, values.length - from);
        buffer.fill(Number.NaN);
        for (let i = 0; i < count; i++) {
          buffer[i] = values[from + i];
          times[i] = timesMs?.[from + i] ?? 0;
        }
        visit(buffer, count, timesMs === undefined ? undefined : times);
      }
    },
  };
}

/** 64 hex digits that depend on the text: enough to tell profiles apart in a test. */
export function toyHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    hash = ((hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, '0').repeat(4);
}
