/** A table that is made while it is read: half of its columns numeric, half categorical, rows as many as wanted. */
import { Readable } from 'node:stream';

const NUMERIC_COLUMNS = 10;
/** Distinct values of each categorical column: from a flag to as many as a profile tells apart. */
const CARDINALITIES = [2, 3, 5, 10, 20, 50, 200, 1_000, 10_000, 60_000];
const TABLE_VALUES = 1 << 16;
const CHUNK_ROWS = 1_000;

export const COLUMN_COUNT = NUMERIC_COLUMNS + CARDINALITIES.length;

/** CSV with a header, in chunks; the same rows for the same seed. */
export function csvTable(rowCount: number, seed = 1): Readable {
  return Readable.from(chunks(rowCount, generator(seed)), { objectMode: false, highWaterMark: 1 << 20 });
}

function* chunks(rowCount: number, random: () => number): Generator<Buffer> {
  const numbers = numberTexts(random);
  const header = [...numbers.keys()].slice(0, NUMERIC_COLUMNS).map((i) => `n${i}`);
  yield Buffer.from(`${[...header, ...CARDINALITIES.map((_, i) => `c${i}`)].join(',')}\n`);
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
