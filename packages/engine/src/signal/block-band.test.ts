import { expect, test } from 'vitest';
import { psi } from '../compare/psi.ts';
import { drawMultinomial } from '../special/multinomial-draw.ts';
import { seededRandom } from '../special/seeded-random.ts';
import { blockBand } from './block-band.ts';

const cells = new Array<number>(10).fill(1);
const draw = (size: number, weights: readonly number[], seed: number): Float64Array =>
  drawMultinomial(weights, size, seededRandom(seed), new Float64Array(weights.length));

test('one block that differs is measured against all the others', () => {
  const blocks = [
    [5000, 5000],
    [5000, 5000],
    [6000, 4000],
  ];
  const noise = 1 / 10_000 + 1 / 20_000;
  expect(blockBand(blocks)).toBeCloseTo(psi([10_000, 10_000], [6000, 4000]) - noise, 12);
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

test('independent rows leave a band of a few noises, not more: 30 blocks of 2,000', () => {
  const blocks = cells.flatMap((_, seed) => [0, 1, 2].map((part) => draw(2000, cells, 100 * seed + part)));
  const noise = 9 / 2000;
  // The largest of 30 chi-square variables with 9 degrees of freedom is about 21: 12 above its mean, in units of f.
  expect(blockBand(blocks)).toBeLessThan(2.5 * noise);
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

test('fewer than two blocks have no band', () => {
  expect(blockBand([])).toBe(0);
  expect(blockBand([[500, 500]])).toBe(0);
});
