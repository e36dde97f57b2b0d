/** A table that is made while it is read: half of its columns numeric, half categorical, rows as many as wanted. */
import { Readable } from 'node:stream';
import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';

const NUMERIC_COLUMNS = 10;
/** Distinct values of each categorical column: from a flag to as many as a profile tells apart. */
const CARDINALITIES = [2, 3, 5, 10, 20, 50, 200, 1_000, 10_000, 60_000];
const TABLE_VALUES = 1 << 16;
const CHUNK_ROWS = 1_000;

export const COLUMN_COUNT = NUMERIC_COLUMNS + CARDINALITIES.length;
const NAMES = Array.from({ length: COLUMN_COUNT }, (_, i) =>
  i < NUMERIC_COLUMNS ? `n${i}` : `c${i - NUMERIC_COLUMNS}`,
);
/** As pyarrow writes them. */
const GROUP_ROWS = 1 << 20;

/** CSV with a header, in chunks; the same rows for the same seed. */
export function csvTable(rowCount: number, seed = 1): Readable {
  return Readable.from(csvChunks(rowCount, generator(seed)), { objectMode: false, highWaterMark: 1 << 20 });
}

/** The same rows, one JSON object a line. */
export function jsonLinesTable(rowCount: number, seed = 1): Readable {
  return Readable.from(jsonChunks(rowCount, generator(seed)), { objectMode: false, highWaterMark: 1 << 20 });
}

/** The same rows in a Parquet file, in row groups as other writers make them. */
export function writeParquet(path: string, rowCount: number, seed = 1): void {
  const random = generator(seed);
  const numbers = numberTexts(random);
  const schema: SchemaElement[] = [
    { name: 'root', num_children: COLUMN_COUNT },
    ...NAMES.map(
      (name, column): SchemaElement =>
        column < NUMERIC_COLUMNS
          ? { name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }
          : { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ),
  ];
  const writer = new ParquetWriter({ writer: fileWriter(path), schema });
  for (let done = 0; done < rowCount; done += GROUP_ROWS) {
    const size = Math.min(GROUP_ROWS, rowCount - done);
    const columnData = NAMES.map((name, column) => ({
      name,
      data: Array.from({ length: size }, () => {
        if (column >= NUMERIC_COLUMNS) return `k${random() % CARDINALITIES[column - NUMERIC_COLUMNS]}`;
        const text = numbers[random() % TABLE_VALUES];
        return text === '' ? null : Number(text);
      }),
    }));
    writer.write({ columnData, rowGroupSize: GROUP_ROWS });
  }
  writer.finish();
}

function* csvChunks(rowCount: number, random: () => number): Generator<Buffer> {
  yield Buffer.from(`${NAMES.join(',')}\n`);
  const numbers = numberTexts(random);
  for (let row = 0; row < rowCount; row += CHUNK_ROWS) {
    let text = '';
    for (let i = Math.min(CHUNK_ROWS, rowCount - row); i > 0; i--) {
      for (let column = 0; column < NUMERIC_COLUMNS; column++) text += `${numbers[random() % TABLE_VALUES]},`;
      for (let column = 0; column < CARDINALITIES.length; column++) {
        text += `k${random() % CARDINALITIES[column]}${column + 1 < CARDINALITIES.length ? ',' : '\n'}`;
      }
    }
    yield Buffer.from(text);
  }
}

function* jsonChunks(rowCount: number, random: () => number): Generator<Buffer> {
  const numbers = numberTexts(random);
  for (let row = 0; row < rowCount; row += CHUNK_ROWS) {
    let text = '';
    for (let i = Math.min(CHUNK_ROWS, rowCount - row); i > 0; i--) {
      text += '{';
      for (let column = 0; column < NUMERIC_COLUMNS; column++)
        text += `"${NAMES[column]}":${numbers[random() % TABLE_VALUES] || 'null'},`;
      for (let column = 0; column < CARDINALITIES.length; column++) {
        const end = column + 1 < CARDINALITIES.length ? ',' : '}\n';
        text += `"${NAMES[NUMERIC_COLUMNS + column]}":"k${random() % CARDINALITIES[column]}"${end}`;
      }
    }
    yield Buffer.from(text);
  }
}

/** Bell-shaped around 100, two decimals, one in two hundred missing. */
function numberTexts(random: () => number): string[] {
  return Array.from({ length: TABLE_VALUES }, (_, i) => {
    if (i % 200 === 0) return '';
    let sum = 0;
    for (let term = 0; term < 12; term++) sum += random() / 2 ** 32;
    return (100 + 15 * (sum - 6)).toFixed(2);
  });
}

/** xorshift32 (Marsaglia 2003): whole numbers from 1 to 2^32 − 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
