import { poolCells } from '../compare/pool-cells.ts';
import { psi } from '../compare/psi.ts';
import { noiseFloor } from './noise-floor.ts';

/** A block with fewer rows says more about its own noise than about the reference. */
const ROW_COUNT_MIN = 200;

export interface BlockBandOptions {
  /** Indexes of cells that are never pooled. */
  readonly keep?: readonly number[];
  /** Blocks with fewer rows are part of the rest and not compared themselves; 200 by default. */
  readonly rowCountMin?: number;
}

/**
 * How much a reference drifts against itself: the largest PSI of one of its blocks to all the others together, with the
 * noise (k − 1)(1/n + 1/N) removed, at least 0. A drift that the reference shows by itself is no news.
 *
 * `blocks` are counts of the same cells, one array for each block of time (of the window's length). Range: 0 upwards, in
 * units of PSI; 0 with fewer than two blocks that are long enough.
 *
 * @example blockBand([[500, 500], [500, 500], [600, 400]]) // 0.0390…
 */
export function blockBand(
  blocks: readonly ArrayLike<number>[],
  { keep, rowCountMin = ROW_COUNT_MIN }: BlockBandOptions = {},
): number {
  const cellCount = blocks[0]?.length ?? 0;
  const totals = new Float64Array(cellCount);
  for (const block of blocks) for (let cell = 0; cell < cellCount; cell += 1) totals[cell] = totals[cell] + block[cell];
  const rest = new Float64Array(cellCount);
  let band = 0;
  for (const block of blocks) {
    let size = 0;
    let restSize = 0;
    for (let cell = 0; cell < cellCount; cell += 1) {
      rest[cell] = totals[cell] - block[cell];
      size += block[cell];
      restSize += rest[cell];
    }
    if (size < rowCountMin || restSize < rowCountMin) continue;
    const cells = poolCells(rest, block, size, { keep });
    const distance = psi(cells.reference, cells.current) - noiseFloor(cells.cellCount, size, restSize);
    if (distance > band) band = distance;
  }
  return band;
}
