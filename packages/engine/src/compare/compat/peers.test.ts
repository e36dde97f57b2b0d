/**
 * The compatibility modes against the peers themselves: Evidently 0.7.23, NannyML 0.13.1 and Frouros 0.9.0 run on the
 * same values (fixtures/peers.json, scripts/statistics/make-peer-fixtures.py), scipy 1.14.1 and Azure's formulas
 * restated in numpy, because Azure's own code needs Spark (fixtures/raw-values.json, make-fixtures.py). 1e-9 relative.
 */
import { describe, expect, test } from 'vitest';
import { readFixture, relativeError } from '../../../test/read-fixture.ts';
import { hellinger } from '../hellinger.ts';
import { psi } from '../psi.ts';
import { andersonDarling } from './anderson-darling.ts';
import { azureChiSquare, azureJensenShannon, azureKolmogorovSmirnov, azurePsi, azureWasserstein } from './azure.ts';
import { extent, histogram, type RawValues } from './cell-counts.ts';
import { eppsSingleton } from './epps-singleton.ts';
import {
  evidentlyChiSquare,
  evidentlyEnergy,
  evidentlyHellinger,
  evidentlyJensenShannon,
  evidentlyKolmogorovSmirnov,
  evidentlyKullbackLeibler,
  evidentlyPsi,
  evidentlyWasserstein,
} from './evidently.ts';
import { energyDistance, exactWasserstein } from './exact-wasserstein.ts';
import {
  nannymlChiSquare,
  nannymlHellinger,
  nannymlJensenShannon,
  nannymlKolmogorovSmirnov,
  nannymlLInfinity,
  nannymlWasserstein,
} from './nannyml.ts';
import { linspace, numpyEdges } from './numpy-edges.ts';

type Scores = Readonly<Record<string, number>>;
interface PeerColumn {
  readonly name: string;
  readonly kind: 'num' | 'cat';
  readonly integer: boolean;
  readonly reference: number[] & string[];
  readonly current: number[] & string[];
  readonly evidently: Scores;
  readonly nannyml: Scores;
}
interface Peers {
  readonly columns: PeerColumn[];
  readonly frouros: {
    reference: number[];
    current: number[];
    psi: number;
    hellinger: number;
    emd: number;
    energy: number;
  };
  readonly nannymlLarge: {
    readonly referenceCounts: number[];
    readonly current: number[];
    readonly divisor: number;
    readonly wasserstein: number;
    readonly kolmogorovSmirnov: number;
  };
}
interface RawColumn {
  readonly name: string;
  readonly reference: number[];
  readonly current: number[];
  readonly sturges: number[];
  readonly doane: number[];
  readonly [score: string]: number | number[] | string;
}

const peers = readFixture<Peers>('peers.json');
const raw = readFixture<{ columns: RawColumn[] }>('raw-values.json').columns;

type Mode = (reference: number[] & string[], current: number[] & string[], options: { integer: boolean }) => number;
const EVIDENTLY: Record<string, Mode> = {
  psi: evidentlyPsi,
  jensenShannon: evidentlyJensenShannon,
  kullbackLeibler: evidentlyKullbackLeibler,
  hellinger: evidentlyHellinger,
  wasserstein: evidentlyWasserstein,
  kolmogorovSmirnovP: evidentlyKolmogorovSmirnov,
  energy: evidentlyEnergy,
  chiSquareP: evidentlyChiSquare,
};
const NANNYML: Record<string, Mode> = {
  jensenShannon: nannymlJensenShannon,
  hellinger: nannymlHellinger,
  wasserstein: nannymlWasserstein,
  kolmogorovSmirnov: nannymlKolmogorovSmirnov,
  chiSquare: nannymlChiSquare,
  lInfinity: nannymlLInfinity,
};

describe.each(peers.columns)('$name', ({ integer, reference, current, evidently, nannyml }) => {
  test.each(Object.entries(evidently))('Evidently %s', (name, expected) => {
    expect(relativeError(EVIDENTLY[name](reference, current, { integer }), expected)).toBeLessThan(1e-9);
  });

  test.each(Object.entries(nannyml))('NannyML %s', (name, expected) => {
    expect(relativeError(NANNYML[name](reference, current, { integer }), expected)).toBeLessThan(1e-9);
  });
});

test('NannyML from 10,000 rows on: 10,000 bins of the reference, rows on either side counted one too many', () => {
  const { referenceCounts, current, divisor, wasserstein, kolmogorovSmirnov } = peers.nannymlLarge;
  const reference = referenceCounts.flatMap((count, value) => new Array<number>(count).fill(value / divisor));
  const window = current.map((value) => value / divisor);
  expect(reference.length).toBe(12_000);
  expect(relativeError(nannymlWasserstein(reference, window), wasserstein)).toBeLessThan(1e-9);
  expect(relativeError(nannymlKolmogorovSmirnov(reference, window), kolmogorovSmirnov)).toBeLessThan(1e-9);
});

describe('Frouros’ docstrings: numpy seed 31, 100 of N(0, 1) and of N(1, 1)', () => {
  const { reference, current } = peers.frouros;
  const edges = linspace(...extent(reference, current), 20);
  const [p, q] = [histogram(reference, edges), histogram(current, edges)];

  test('PSI 134.95409065116183, with empty shares replaced by the smallest double', () => {
    const filled = (counts: Float64Array) =>
      counts.map((count) => (count === 0 ? 2.2250738585072014e-308 : count / 100));
    expect(relativeError(psi(filled(p), filled(q), 0), 134.95409065116183)).toBeLessThan(1e-9);
    expect(relativeError(peers.frouros.psi, 134.95409065116183)).toBeLessThan(1e-12);
  });

  test('Hellinger .467129645775421', () => {
    expect(relativeError(hellinger(p, q), 0.467129645775421)).toBeLessThan(1e-12);
  });

  test('EMD 1.0686078744674332 and energy distance .8359206395514527', () => {
    expect(relativeError(exactWasserstein(reference, current), 1.0686078744674332)).toBeLessThan(1e-12);
    expect(relativeError(energyDistance(reference, current), 0.8359206395514527)).toBeLessThan(1e-12);
  });
});

describe('Evidently’s own tests, tests/stattests/test_stattests.py', () => {
  const repeated = (counts: readonly number[]): number[] =>
    counts.flatMap((count, value) => new Array<number>(count).fill(value + 1));
  const reference = repeated([16, 18, 16, 14, 12, 12]);
  const current = repeated([16, 16, 16, 16, 16, 8]);

  test('one-sample chi-square .67309, whatever the size of the reference', () => {
    expect(evidentlyChiSquare(reference, current)).toBeCloseTo(0.67309, 5);
    expect(evidentlyChiSquare([...reference, ...reference], current)).toBeCloseTo(0.67309, 5);
  });

  test('Anderson–Darling .0635 and Epps–Singleton .81', () => {
    const x = [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0];
    const y = [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8];
    expect(Math.abs(andersonDarling(x, y).pValue - 0.0635)).toBeLessThan(1e-3);
    expect(Math.abs(eppsSingleton(reference, current).pValue - 0.81)).toBeLessThan(1e-2);
  });

  test('energy distance 1.9 ± .1 for a shift by 5', () => {
    const values = [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0];
    expect(evidentlyEnergy(values, values)).toBe(0);
    expect(
      Math.abs(
        evidentlyEnergy(
          values,
          values.map((value) => value + 5),
        ) - 1.9,
      ),
    ).toBeLessThan(0.1);
  });
});

describe.each(raw)('Azure and numpy on $name', (column) => {
  const { reference, current } = column;
  const close = (actual: number, name: string) =>
    expect(relativeError(actual, column[name] as number)).toBeLessThan(1e-9);

  test('PSI, Jensen–Shannon, Wasserstein', () => {
    close(azurePsi(reference, current), 'azurePsi');
    close(azureJensenShannon(reference, current), 'azureJensenShannon');
    close(azureWasserstein(reference, current), 'azureWasserstein');
    close(azureKolmogorovSmirnov(reference, current), 'ksExactP');
  });

  test('edges of numpy’s Sturges and Doane rules, to the last bit but one', () => {
    for (const rule of ['sturges', 'doane'] as const) {
      const edges = numpyEdges(reference, rule);
      expect(edges.length).toBe(column[rule].length);
      for (const [index, edge] of edges.entries()) expect(Math.abs(edge - column[rule][index])).toBeLessThan(1e-13);
    }
  });
});

describe('Azure on categories, from the counts of its tests', () => {
  const letters = (counts: Readonly<Record<string, number>>): string[] =>
    Object.entries(counts).flatMap(([letter, count]) => new Array<string>(count).fill(letter));

  // Azure/azureml-assets, tests/unit/test_categorical_data_drift_metrics.py.
  test('1h: no category in common', () => {
    const reference = letters({ a: 100, b: 100, c: 100, d: 100, e: 100, f: 100, g: 100, h: 100 });
    const current = letters({ i: 1, j: 1, k: 2 });
    expect(azureJensenShannon(reference, current)).toBeCloseTo(1, 10);
    expect(azurePsi(reference, current)).toBeCloseTo(2.538148648, 9);
    expect(azureChiSquare(reference, current)).toBe(0);
  });

  test('3a: low sample sizes', () => {
    const [reference, current] = [letters({ a: 3, b: 1, c: 4 }), letters({ a: 2, b: 3 })];
    expect(azureJensenShannon(reference, current)).toBeCloseTo(0.6102311544, 10);
    expect(azurePsi(reference, current)).toBeCloseTo(0.7476606641, 10);
  });
});

test('empty and constant columns give numbers', () => {
  const modes = [azurePsi, azureJensenShannon, evidentlyPsi, evidentlyJensenShannon, nannymlJensenShannon];
  const columns: [RawValues, RawValues][] = [
    [[], []],
    [
      [1, 1, 1],
      [1, 1],
    ],
    [[1, 1, 1], []],
    [['a'], ['a', 'b']],
  ];
  for (const mode of modes) for (const [reference, current] of columns) expect(mode(reference, current)).not.toBeNaN();
  expect(azureWasserstein([0, 0], [0.001, 0.001])).toBeCloseTo(1, 12);
});
