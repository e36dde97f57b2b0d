/**
 * What the sidecar must say of a day, computed from the observations alone: no wire, no scanner, no panes, no merging;
 * every row is counted into one window and judged once. The exporter turns it into series, so that all of them can be
 * compared, and `plainPsi` is a second opinion that uses nothing of the engine.
 */
import {
  CELL,
  type ColumnBatch,
  compileLayout,
  compilePolicy,
  createPane,
  type DriftMetric,
  evaluate,
  observe,
  type ReferenceProfile,
  type TextDictionary,
} from '@leeway/engine';
import { ModelMetrics } from '@leeway/exporter';
import { MODEL, type Observation } from './observation.ts';
import { COLUMNS } from './reference.ts';

export interface Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly paneMs: number;
}

export interface ExpectedSeries {
  readonly metric: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface OfflineInput {
  readonly reference: ReferenceProfile;
  readonly metrics: readonly DriftMetric[];
  readonly observations: readonly Observation[];
  readonly environment: string;
  readonly window: Window;
}

export function expectedSeries({ reference, metrics, observations, environment, window }: OfflineInput) {
  const { startMs, endMs, paneMs } = window;
  const layout = compileLayout(reference);
  const totals = createPane(layout);
  const rows = Int32Array.from(observations, (_, i) => i);
  observe(layout, totals, batchOf(observations), rows, 0, rows.length);
  const policy = compilePolicy(reference, { metrics }, { windowMs: endMs - startMs, paneMs });
  const evaluation = evaluate(layout, policy, { startMs, endMs, state: totals, filled: true });
  const model = { environment, model: MODEL.name, version: MODEL.version, reference, layout, totals };
  const series = new ModelMetrics(
    { monitored: () => [{ ...model, evaluation, intervalMs: paneMs }], unreferenced: () => [] },
    startMs,
  );
  return series.collect().flatMap((family): ExpectedSeries[] =>
    ('points' in family ? family.points : []).map(({ attributes, value }) => ({
      metric: family.name,
      attributes,
      value,
    })),
  );
}

/**
 * PSI by its textbook formula from two rows of cell counts: ½ is added to every count, weighted counts are scaled to
 * their effective number first (statistics.md: "Distances", "Weights").
 */
export function plainPsi(current: readonly number[], reference: readonly number[], effectiveSize: number): number {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const scale = effectiveSize / sum(current);
  const share = (counts: readonly number[], by: number) => {
    const smoothed = counts.map((count) => count * by + 0.5);
    return smoothed.map((count) => count / sum(smoothed));
  };
  const [p, q] = [share(reference, 1), share(current, scale)];
  return q.reduce((psi, _, i) => psi + (q[i] - p[i]) * Math.log(q[i] / p[i]), 0);
}

function batchOf(observations: readonly Observation[]): ColumnBatch {
  const texts = new TextList();
  const columns = COLUMNS.map(({ of }) => {
    const cells = observations.map(of);
    return {
      kinds: Uint8Array.from(cells, (cell) =>
        cell === null ? CELL.missing : typeof cell === 'number' ? CELL.number : CELL.text,
      ),
      values: Float64Array.from(cells, (cell) => (typeof cell === 'string' ? texts.idOf(cell) : (cell ?? 0))),
    };
  });
  return {
    rowCount: observations.length,
    eventMs: Float64Array.from(observations, ({ timeMs }) => timeMs),
    weights: Float64Array.from(observations, ({ weight }) => weight),
    columns,
    texts,
  };
}

class TextList implements TextDictionary {
  readonly generation = 0;
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, number>();

  get size(): number {
    return this.#texts.length;
  }

  idOf(text: string): number {
    const id = this.#ids.get(text) ?? this.#texts.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }

  textAt(id: number): string {
    return this.#texts[id];
  }

  numberAt(id: number): number {
    const text = this.#texts[id].trim();
    return text === '' ? Number.NaN : Number(text);
  }
}
