/** Performance of a classifier from rows: measured where the truth is known, estimated where a calibration is. */
import {
  addClassified,
  addExpected,
  type CalibrationMap,
  type ClassificationLayout,
  calibrationOf,
  classificationLayout,
  classificationScores,
  emptyOutcomes,
  exactAuroc,
  exactAveragePrecision,
  jackknifeError,
  mergeOutcomes,
  type PerformanceScore,
} from '@leeway/engine';
import type { ClassColumns } from './class-columns.ts';
import { type Figures, figureOf } from './figures.ts';
import { PARTS, partOf } from './slices.ts';

const METRICS = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'auroc',
  'average_precision',
  'log_loss',
  'brier',
  'ece',
] as const;
/** From bins while parts are left out, from values at last. */
const EXACT = { auroc: exactAuroc, average_precision: exactAveragePrecision } as const;
const EDGES = 999;

export class Classifier {
  readonly #layout: ClassificationLayout;

  /** @param tables whose scores the bins are made of */
  constructor(classes: readonly string[], tables: readonly ClassColumns[]) {
    const edges = tables[0].scores.map((_, index) => quantiles(tables.map(({ scores }) => scores[index])));
    this.#layout = classificationLayout(classes, edges);
  }

  /** Calibration of each score, from the rows whose truth is known. */
  calibrate({ actual, scores }: ClassColumns): CalibrationMap[] {
    return this.#layout.scores.map(({ of }, index) => {
      const rows = Array.from(actual.keys()).filter((row) => actual[row] >= 0 && isProbability(scores[index][row]));
      return calibrationOf(
        rows.map((row) => scores[index][row]),
        rows.map((row) => (actual[row] === of ? 1 : 0)),
      );
    });
  }

  /** @param labelled rows whose truth is known */
  measure(columns: ClassColumns, labelled: readonly number[]): Figures {
    const parts = Array.from({ length: PARTS }, () => emptyOutcomes(this.#layout));
    labelled.forEach((row, i) => {
      const outcome = {
        actual: columns.actual[row],
        predicted: columns.predicted[row],
        scores: columns.scores.map((scores) => scores[row]),
      };
      addClassified(this.#layout, parts[partOf(i, labelled.length)], outcome);
    });
    const whole = emptyOutcomes(this.#layout);
    for (const part of parts) mergeOutcomes(whole, part);
    const binned = classificationScores(this.#layout, whole);
    const figures: Record<string, Figures[string]> = {};
    for (const metric of METRICS) {
      const exact =
        metric in EXACT ? this.#exact(columns, labelled, EXACT[metric as keyof typeof EXACT]) : binned[metric];
      const error = jackknifeError(parts, (state) => classificationScores(this.#layout, state)[metric]);
      figures[metric] = figureOf(exact, error);
    }
    return figures;
  }

  /** Of these rows, with a truth or without. */
  estimate({ predicted, scores }: ClassColumns, rows: readonly number[], maps: readonly CalibrationMap[]): Figures {
    const state = emptyOutcomes(this.#layout);
    for (const row of rows)
      addExpected(
        this.#layout,
        state,
        predicted[row],
        scores.map((column) => column[row]),
        maps,
      );
    const expected = classificationScores(this.#layout, state);
    return Object.fromEntries(METRICS.map((metric) => [metric, figureOf(expected[metric], undefined)]));
  }

  #exact({ actual, scores }: ClassColumns, labelled: readonly number[], curve: typeof exactAuroc): PerformanceScore {
    const curves = this.#layout.scores.map(({ of }, index) => {
      const rows = labelled.filter((row) => isProbability(scores[index][row]));
      return curve(
        rows.map((row) => scores[index][row]),
        rows.map((row) => (actual[row] === of ? 1 : 0)),
      );
    });
    const values = curves.flatMap((score) => ('value' in score ? [score.value] : []));
    if (values.length === 0) return curves[0] ?? { reason: 'no_scores' };
    return { value: values.reduce((sum, value) => sum + value, 0) / values.length };
  }
}

function isProbability(score: number): boolean {
  return score >= 0 && score <= 1;
}

function quantiles(columns: readonly Float64Array[]): number[] {
  const values = columns.flatMap((column) => Array.from(column.filter(isProbability)));
  const sorted = Float64Array.from(values).sort();
  const edges = new Set<number>();
  for (let i = 1; i <= EDGES; i++) edges.add(sorted[Math.floor((i * sorted.length) / (EDGES + 1))] ?? 0);
  return [...edges].sort((a, b) => a - b);
}
