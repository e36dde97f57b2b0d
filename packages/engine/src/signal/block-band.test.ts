import { expect, test } from 'vitest';
import { psi } from '../compare/psi.ts';
import { drawMultinomial } from '../special/multinomial-draw.ts';
import { seededRandom } from '../special/seeded-random.ts';
import { blockBand, blockDistances } from './block-band.ts';

const cells = new Array<number>(10).fill(1);
const draw = (size: number, weights: readonly number[], seed: number): Float64Array =>
  drawMultinomial(weights, size, seededRandom(seed), new Float64Array(weights.length));

test('one block that differs is measured against all the others', () => {
  const blocks = [
    [5000, 5000],
    [5000, 5000],
    [6000, 4000],
  ];
  const noise = 1 / 5000 + 1 / 10_000;
  const truth = psi([10_000, 10_000], [6000, 4000]);
  // Less by what noise may have had in it, and by no more.
  expect(blockBand(blocks)).toBeLessThan(truth - noise);
  expect(blockBand(blocks)).toBeGreaterThan(0.9 * truth);
});

test('equal blocks have no band', () => {
  expect(
    blockBand([
      [500, 500],
      [500, 500],
      [500, 500],
    ]),
  ).toBe(0);
});

test('regression: the band of a reference that stands still was the noise of its noisiest block', () => {
  // Largest of 180 blocks of 200 rows less the mean noise: .077. Ten references: nearly all have no band at all.
  for (const [blockCount, size] of [
    [31, 200],
    [180, 200],
    [720, 500],
  ]) {
    const bands = Array.from({ length: 10 }, (_, seed) =>
      blockBand(Array.from({ length: blockCount }, (__, i) => draw(size, cells, 10_000 * seed + i + 1))),
    );
    const mean = bands.reduce((sum, band) => sum + band, 0) / bands.length;
    expect(mean).toBeLessThan(0.005);
    expect(bands.filter((band) => band === 0).length).toBeGreaterThanOrEqual(7);
  }
});

test('one block of 180 that differs is not lost in the noise of the others', () => {
  const tilted = cells.map((_, cell) => Math.exp(0.2 * (cell - 4.5)));
  const truth = psi(cells, tilted, 0);
  const blocks = Array.from({ length: 180 }, (_, block) => draw(1000, block === 90 ? tilted : cells, block + 1));
  expect(blockBand(blocks)).toBeGreaterThan(0.6 * truth);
  expect(blockBand(blocks)).toBeLessThan(1.3 * truth);
});

test('a rhythm of the reference shows', () => {
  const tilted = cells.map((_, cell) => Math.exp(0.1 * (cell - 4.5)));
  const blocks = Array.from({ length: 20 }, (_, block) => draw(5000, block % 7 === 0 ? tilted : cells, block));
  const truth = psi(cells, tilted, 0);
  expect(blockBand(blocks)).toBeGreaterThan(0.5 * truth);
  expect(blockBand(blocks)).toBeLessThan(1.5 * truth);
});

test('a block that is too short is not compared itself but counts for the rest', () => {
  const odd = [0, 150];
  expect(blockBand([[500, 500], [500, 500], odd])).toBeLessThan(0.02);
  expect(blockBand([[500, 500], [500, 500], odd], { rowCountMin: 100 })).toBeGreaterThan(1);
});

test('thin cells are pooled, the unseen one is kept', () => {
  const blocks = [
    [1000, 1000, 2, 0],
    [1000, 1000, 0, 0],
    [1000, 1000, 0, 60],
  ];
  expect(blockBand(blocks, { keep: [3] })).toBeGreaterThan(blockBand(blocks));
});

test('cells are pooled by the shorter of block and rest, as for a window', () => {
  // The rest of the long block is short: cells of 10 rows in 100,000 are expected to have 0 there.
  const blocks = [
    [50_000, 30_000, 19_990, 10],
    [600, 390, 150, 60],
  ];
  const [long, short] = blockDistances(blocks);
  expect(long?.degreesOfFreedom).toBe(3);
  expect(short?.degreesOfFreedom).toBe(2);
});

test('fewer than two blocks have no band', () => {
  expect(blockBand([])).toBe(0);
  expect(blockBand([[500, 500]])).toBe(0);
});
