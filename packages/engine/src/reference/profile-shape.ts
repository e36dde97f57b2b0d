/** The declaration of a reference profile, and the conditions between its parts. */
import { decodeHashes } from './hash-list.ts';
import { PROFILE_LIMITS } from './limits.ts';
import { importances, performance } from './performance-shape.ts';
import {
  type BlockBand,
  type CategoricalReference,
  COLUMN_TYPES,
  type ColumnReference,
  type NoiseTable,
  type NumericReference,
  PROFILE_SCHEMA_VERSIONS,
  type ReferenceProfile,
} from './profile.ts';
import {
  array,
  boolean,
  join,
  number,
  object,
  oneOf,
  optional,
  type Problems,
  refine,
  required,
  type Shape,
  text,
} from './shape.ts';
import { requireAscending, requireLength } from './shape-conditions.ts';

const LIMITS = PROFILE_LIMITS;
const name = (description?: string): Shape<string> =>
  text({ minLength: 1, maxLength: LIMITS.nameLengthMax, description });
const prose = (): Shape<string> => text({ maxLength: LIMITS.textLengthMax });
const count = (): Shape<number> => number({ min: 0, whole: true });
const perBin = <T>(item: Shape<T>): Shape<T[]> => array(item, { minItems: 1, maxItems: LIMITS.edgeCountMax + 1 });
const perSize = (): Shape<number[]> => array(number({ min: 0 }), { maxItems: LIMITS.noiseSizeCountMax });

const numeric: Shape<NumericReference> = refine(
  object({
    edges: required(array(number(), { maxItems: LIMITS.edgeCountMax })),
    counts: required(perBin(count())),
    sums: required(perBin(number())),
    cuts: required(array(count(), { maxItems: LIMITS.cellCountMax - 1 })),
    min: required(number()),
    max: required(number()),
    mean: required(number()),
    standardDeviation: required(number({ min: 0 })),
    lower: required(number()),
    upper: required(number()),
  }),
  (value, path, problems) => {
    const { edges, counts, sums, cuts } = value;
    requireAscending(edges, join(path, 'edges'), problems);
    requireAscending(cuts, join(path, 'cuts'), problems);
    requireLength(counts, edges.length + 1, join(path, 'counts'), 'one more than the edges', problems);
    requireLength(sums, edges.length + 1, join(path, 'sums'), 'one more than the edges', problems);
    const beyond = cuts.findIndex((cut) => cut >= edges.length);
    if (beyond >= 0) problems.add(join(path, 'cuts', beyond), `is ${cuts[beyond]}: there are ${edges.length} edges`);
    if (value.min > value.max) problems.add(join(path, 'min'), `is ${value.min}, above max, which is ${value.max}`);
    if (value.lower > value.upper) problems.add(join(path, 'lower'), `is ${value.lower}, above upper`);
    if (edges.length > 0) {
      for (const limit of ['lower', 'upper'] as const) {
        if (!edges.includes(value[limit]))
          problems.add(join(path, limit), `is ${value[limit]}: expected one of the edges`);
      }
    }
  },
);

const categorical: Shape<CategoricalReference> = refine(
  object({
    categories: required(
      array(object({ name: required(text({ maxLength: LIMITS.nameLengthMax })), count: required(count()) }), {
        maxItems: LIMITS.namedCategoryCountMax,
      }),
    ),
    restCount: required(count()),
    distinctCount: required(count()),
    restHashes: optional(
      text({ maxLength: Math.ceil((LIMITS.restHashCountMax * 8) / 3) * 4, pattern: /^[A-Za-z0-9+/]*={0,2}$/ }),
    ),
    open: required(boolean()),
  }),
  ({ categories, restHashes, distinctCount }, path, problems) => {
    const seen = new Set<string>();
    categories.forEach((category, i) => {
      if (seen.has(category.name)) problems.add(join(path, 'categories', i, 'name'), 'stands twice');
      seen.add(category.name);
    });
    if (distinctCount < categories.length) {
      problems.add(join(path, 'distinctCount'), `is ${distinctCount}: ${categories.length} are named`);
    }
    if (restHashes !== undefined) requireHashes(restHashes, join(path, 'restHashes'), problems);
  },
);

const noise: Shape<NoiseTable> = refine(
  object({
    metric: required(name()),
    sizes: required(array(number({ min: 1 }), { minItems: 1, maxItems: LIMITS.noiseSizeCountMax })),
    means: required(perSize()),
    q95: required(perSize()),
    q99: required(perSize()),
    q999: required(perSize()),
  }),
  (value, path, problems) => {
    requireAscending(value.sizes, join(path, 'sizes'), problems);
    for (const key of ['means', 'q95', 'q99', 'q999'] as const) {
      requireLength(value[key], value.sizes.length, join(path, key), 'as many as sizes', problems);
    }
  },
);

const band = (): Shape<number> => number({ min: 0 });

const blockBand: Shape<BlockBand> = object({
  psi: required(band()),
  blockCount: required(count()),
  droppedBlockCount: optional(count()),
  slots: optional(
    object({
      periodMs: required(number({ min: 1 })),
      psi: required(array(band(), { minItems: 1, maxItems: LIMITS.bandSlotCountMax })),
    }),
  ),
  longer: optional(
    array(object({ blockMs: required(number({ min: 1 })), psi: required(band()), blockCount: required(count()) }), {
      maxItems: LIMITS.longerBandCountMax,
    }),
  ),
});

const column: Shape<ColumnReference> = refine(
  object({
    name: required(name()),
    type: required(oneOf(COLUMN_TYPES)),
    monitor: required(boolean()),
    reason: optional(prose()),
    calendar: optional(object({ what: required(prose()), cycleMs: required(number({ min: 1 })) })),
    owner: optional(prose()),
    source: optional(prose()),
    description: optional(prose()),
    rowCount: required(count()),
    missingCount: required(count()),
    typeErrorCount: required(count()),
    numeric: optional(numeric),
    categorical: optional(categorical),
    blockBand: optional(blockBand),
    noise: optional(array(noise, { maxItems: LIMITS.noiseTableCountMax })),
  }),
  (value, path, problems) => {
    for (const type of COLUMN_TYPES) {
      if ((value[type] !== undefined) !== (value.type === type)) {
        problems.add(
          join(path, type),
          value.type === type ? 'is missing' : `does not belong to a ${value.type} column`,
        );
      }
    }
    const counts = value.numeric?.counts ?? value.categorical?.categories.map((category) => category.count) ?? [];
    const valueCount = counts.reduce((sum, size) => sum + size, value.categorical?.restCount ?? 0);
    const expected = value.rowCount - value.missingCount - value.typeErrorCount;
    if (valueCount !== expected) {
      problems.add(path, `has ${valueCount} counted values: rowCount less missing and type errors is ${expected}`);
    }
  },
);

const columns: Shape<ColumnReference[]> = refine(
  array(column, { maxItems: LIMITS.columnCountMax }),
  (value, path, problems) => {
    const seen = new Set<string>();
    value.forEach((one, i) => {
      if (seen.has(one.name)) problems.add(join(path, i, 'name'), `${JSON.stringify(one.name)} stands twice`);
      seen.add(one.name);
    });
  },
);

const time = object({
  column: required(name()),
  fromMs: required(number()),
  toMs: required(number()),
  blockMs: required(number({ min: 1 })),
  blockCount: required(count()),
});

const file = object({
  name: required(prose()),
  sha256: required(text({ maxLength: 64, pattern: /^[0-9a-f]{64}$/ })),
  bytes: required(count()),
});

export const profileShape: Shape<ReferenceProfile> = object(
  {
    schemaVersion: required(oneOf(PROFILE_SCHEMA_VERSIONS)),
    id: required(text({ maxLength: 71, pattern: /^sha256:[0-9a-f]{64}$/, description: 'Hash of the content.' })),
    createdAt: required(
      text({ maxLength: 40, pattern: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/ }),
    ),
    name: required(name('training, recent …')),
    model: required(
      object({
        name: required(name()),
        version: optional(name()),
        task: optional(name()),
        owner: optional(prose()),
        tier: optional(prose()),
      }),
    ),
    dataset: required(
      object({
        name: optional(prose()),
        version: optional(prose()),
        files: optional(array(file, { maxItems: LIMITS.fileCountMax })),
      }),
    ),
    windowMs: optional(number({ min: 1 })),
    time: optional(time),
    rowCount: required(count()),
    features: required(columns),
    outputs: required(columns),
    performance: optional(performance),
    importances: optional(importances),
  },
  'A Leeway reference profile: what is known of the data that current traffic is compared with, without its rows.',
);

/** Each above the one before it, as the builder writes them. */
function requireHashes(base64: string, path: string, problems: Problems): void {
  const hashes = decodeHashes(base64);
  const fault = hashes?.findIndex((hash, i) => i > 0 && hash <= hashes[i - 1]);
  if (fault === undefined) problems.add(path, 'is not base64 of 64-bit hashes');
  else if (fault > 0) problems.add(path, `hash ${fault} is not above the one before it`);
}
