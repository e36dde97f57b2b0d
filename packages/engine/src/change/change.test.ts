/** The detectors against River 0.23.0 and Frouros 0.9.0 on the same streams, and against what is published of them. */
import { describe, expect, test } from 'vitest';
import { readFixture } from '../../test/read-fixture.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { Adwin } from './adwin.ts';
import { Cusum } from './cusum.ts';
import { Ddm } from './ddm.ts';
import { PageHinkley } from './page-hinkley.ts';
import { cusumLimit, cusumRunLength } from './run-length.ts';

interface Stream {
  readonly name: string;
  readonly values: readonly number[];
  readonly adwin: readonly { delta: number; found: number[]; width: number; mean: number }[];
  readonly pageHinkley: Readonly<Record<'up' | 'down' | 'both', number[]>>;
  readonly cusumOfFrouros: number;
  readonly ddm?: { readonly found: number[]; readonly warningCount: number };
}

const { streams } = readFixture<{ readonly streams: readonly Stream[] }>('change-streams.json');
const streamOf = (name: string) => streams.find((stream) => stream.name === name) as Stream;
const foundBy = (values: readonly number[], update: (value: number) => unknown) =>
  values.flatMap((value, index) => (update(value) ? [index] : []));
const plain = () => new PageHinkley({ isStandardised: false });

/** River begins anew after each change; the paper keeps the new part of the window, as `Adwin` does. */
function foundByAdwin(values: readonly number[], delta: number) {
  let adwin = new Adwin({ delta });
  let isCut = false;
  const indices = foundBy(values, (value) => {
    if (isCut) adwin = new Adwin({ delta });
    isCut = adwin.update(value);
    return isCut;
  });
  return { indices, adwin };
}

describe.each(streams.map((stream) => [stream.name, stream] as const))('as River on the stream "%s"', (_, stream) => {
  test.each(stream.adwin)('ADWIN at delta $delta', ({ delta, found, width, mean }) => {
    const { indices, adwin } = foundByAdwin(stream.values, delta);
    expect(indices).toEqual(found);
    expect(adwin.width).toBe(width);
    expect(adwin.mean).toBeCloseTo(mean, 9);
  });

  test('Page–Hinkley, not standardised', () => {
    const test = plain();
    expect(foundBy(stream.values, (value) => test.update(value))).toEqual(stream.pageHinkley.both);
  });

  if (stream.ddm === undefined) return;
  const { found, warningCount } = stream.ddm;
  test('DDM', () => {
    const ddm = new Ddm();
    const said = stream.values.map((value) => ddm.update(value));
    expect(said.flatMap((word, index) => (word === 'change' ? [index] : []))).toEqual(found);
    expect(said.filter((word) => word === 'warning')).toHaveLength(warningCount);
  });
});

test('published: ADWIN 1023, Page–Hinkley 1006 and [588, 1097, 1585], DDM 1049', () => {
  expect(foundByAdwin(streamOf('integers').values, 0.002).indices).toEqual([1023]);
  const docstring = plain();
  expect(foundBy(streamOf('docstring').values, (value) => docstring.update(value))).toEqual([1006]);
  const steps = plain();
  expect(foundBy(streamOf('steps').values, (value) => steps.update(value))).toEqual([588, 1097, 1585]);
  const ddm = new Ddm();
  expect(foundBy(streamOf('error rate').values, (value) => ddm.update(value) === 'change')).toEqual([1049]);
});

test('both directions are named', () => {
  const test = plain();
  const said = streamOf('steps').values.map((value) => test.update(value));
  expect(said.filter((word) => word !== undefined)).toEqual(['increase', 'decrease', 'increase']);
});

test('standardised, one threshold serves every unit, and noise of any size raises no alarm', () => {
  for (const unit of [1e-6, 1, 1e6]) {
    const quiet = new PageHinkley();
    expect(foundBy(streamOf('quiet').values, (value) => quiet.update(value * unit))).toEqual([]);
    const falling = new PageHinkley();
    const changes = streamOf('falling').values.map((value) => falling.update(value * unit));
    expect(changes.filter((word) => word !== undefined)).toEqual(['decrease']);
    expect(changes.findIndex((word) => word !== undefined)).toBeGreaterThan(1500);
  }
});

test('published run lengths of a two-sided CUSUM at k = 0.5: 168 at h = 4, 465 at h = 5', () => {
  // D. C. Montgomery, Introduction to Statistical Quality Control, table 9.3: delays by shift of the mean too.
  expect(cusumRunLength(4, 0.5, 0) / 2).toBeCloseTo(168, 0);
  expect(cusumRunLength(5, 0.5, 0) / 2).toBeCloseTo(465, 0);
  expect(cusumRunLength(4, 0.5, 1)).toBeCloseTo(8.38, 1);
  expect(cusumRunLength(5, 0.5, 1)).toBeCloseTo(10.4, 1);
  expect(cusumRunLength(4, 0.5, 2)).toBeCloseTo(3.34, 1);
  expect(cusumLimit(168, 0.5)).toBeCloseTo(4, 2);
});

test('the limit of a CUSUM keeps its run length, by simulation', () => {
  const stream = sampleStream(11);
  const alarms = 400;
  const cusum = new Cusum({ mean: 5, standardDeviation: 2, runLength: 500, allowance: 0.25 });
  let count = 0;
  for (let found = 0; found < alarms; count++) if (cusum.update(5 + 2 * stream.normal()) !== undefined) found++;
  // Times to an alarm are nearly exponential: four standard errors.
  expect(Math.abs(count / alarms / 500 - 1)).toBeLessThan(4 / Math.sqrt(alarms));
});

test('a CUSUM finds a lasting rise, and says which way', () => {
  const { values } = streamOf('rare errors');
  const cusum = new Cusum({ mean: 0.02, standardDeviation: Math.sqrt(0.02 * 0.98), runLength: 1e7 });
  const found = values.map((value) => cusum.update(value));
  const first = found.findIndex((word) => word !== undefined);
  expect(first).toBeGreaterThan(2_000);
  expect(first).toBeLessThan(2_600);
  expect(found[first]).toBe('increase');
});

test('Frouros finds the same rises where a rise comes first', () => {
  for (const name of ['integers', 'error rate', 'steps', 'docstring']) {
    const { values, cusumOfFrouros, pageHinkley } = streamOf(name);
    expect(pageHinkley.up[0]).toBe(cusumOfFrouros);
    const test = plain();
    expect(foundBy(values, (value) => test.update(value))[0]).toBe(cusumOfFrouros);
  }
});

test.each([
  ['ADWIN', () => new Adwin()],
  ['Page–Hinkley', () => new PageHinkley()],
  ['CUSUM', () => new Cusum({ mean: 0, standardDeviation: 1 })],
  ['DDM', () => new Ddm()],
])('%s counts what is no number, and is not moved by it', (_, make) => {
  const { values } = streamOf('error rate');
  const clean = make();
  const dirty = make();
  const expected = values.map((value) => clean.update(value));
  const said = values.map((value) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(dirty.update(bad)).toBeFalsy();
    return dirty.update(value);
  });
  expect(said).toEqual(expected);
  expect(dirty.skippedCount).toBe(3 * values.length);
});

test('after a change the window is the new part, and its mean that of what came since', () => {
  const adwin = new Adwin();
  for (let i = 0; i < 4_000; i++) adwin.update(i < 2_000 ? i % 2 : 4 + (i % 2));
  expect(adwin.width).toBeLessThanOrEqual(2_032);
  expect(adwin.width).toBeGreaterThan(1_900);
  expect(adwin.mean).toBeCloseTo(4.5, 1);
});

test('a constant stream never changes', () => {
  for (const value of [0, 1, -1000, 1e-150]) {
    const adwin = new Adwin();
    const test = new PageHinkley();
    for (let i = 0; i < 5_000; i++) expect([adwin.update(value), test.update(value)]).toEqual([false, undefined]);
    expect(adwin.width).toBe(5_000);
  }
});

test('options that make no sense are refused with the value', () => {
  expect(() => new Adwin({ delta: 0 })).toThrow('delta is 0');
  expect(() => new Adwin({ clock: 0.5 })).toThrow('clock is 0.5');
  expect(() => new PageHinkley({ threshold: -1 })).toThrow('threshold is -1');
  expect(() => new Cusum({ mean: 0, standardDeviation: 0 })).toThrow('standard deviation 0');
  expect(() => new Cusum({ mean: 0, standardDeviation: 1, runLength: 5 })).toThrow('run length of 5');
  expect(() => new Ddm({ warning: 3, change: 2 })).toThrow('warning is 3 and change 2');
});

describe('a detector that is stored and read again', () => {
  const stream = sampleStream(21);
  const errors = Array.from({ length: 6_000 }, (_, i) => (stream.uniform() < (i < 3_500 ? 0.1 : 0.3) ? 1 : 0));
  const DETECTORS = {
    adwin: () => new Adwin(),
    page_hinkley: () => new PageHinkley(),
    cusum: () => new Cusum({ mean: 0.1, standardDeviation: 0.3 }),
    ddm: () => new Ddm(),
  } as const;

  test.each(Object.entries(DETECTORS))('%s goes on as if nothing had been; other numbers change nothing', (_, make) => {
    const [whole, before, after] = [make(), make(), make()];
    const found: [number, unknown][] = [];
    const foundAfter: [number, unknown][] = [];
    errors.forEach((error, i) => {
      const change = whole.update(error);
      if (i < 3_000) {
        before.update(error);
        return;
      }
      if (i === 3_000) expect(after.restore(before.state())).toBe(true);
      found.push([i, change]);
      foundAfter.push([i, after.update(error)]);
    });
    expect(foundAfter).toEqual(found);
    expect(found.some(([, change]) => change === true || change === 'increase' || change === 'change')).toBe(true);
    const state = after.state();
    expect(after.restore(state.slice(1))).toBe(false);
    expect(after.restore(state.map(() => Number.NaN))).toBe(false);
    expect(after.state()).toEqual(state);
  });
});
