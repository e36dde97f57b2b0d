/** What the sink was told by the sidecar, under the names of either path, compared with what is true. */
import { prometheusLabel, prometheusName } from '@leeway/exporter';
import { METRICS, type MetricName } from '@leeway/semconv';
import { type ExpectedSeries, plainPsi } from './offline.ts';
import type { Report } from './report.ts';
import type { OtlpSink, ReceivedSeries } from './sink.ts';

/** Sums are added in another order than offline; counts and what follows from counts alone are the same numbers. */
const RELATIVE_ERROR_MAX = 1e-9;
const EXAMPLES_MAX = 3;

/** How a path names metrics and attributes. */
export interface Naming {
  metric(name: string): string;
  attribute(name: string): string;
}

export const OTLP_NAMES: Naming = { metric: (name) => name, attribute: (name) => name };

export const PROMETHEUS_NAMES: Naming = {
  metric: (name) => {
    const { unit, instrument } = METRICS[name as MetricName];
    return prometheusName(name, unit, instrument);
  },
  attribute: prometheusLabel,
};

/** Questions to the sink in OpenTelemetry's names, whatever the path. */
export class Told {
  readonly #sink: OtlpSink;
  readonly #naming: Naming;

  constructor(sink: OtlpSink, naming: Naming) {
    this.#sink = sink;
    this.#naming = naming;
  }

  series(metric: string, attributes: Readonly<Record<string, string>> = {}): ReceivedSeries[] {
    return this.#sink.series(this.#naming.metric(metric), this.#labels(attributes));
  }

  total(metric: string, attributes: Readonly<Record<string, string>> = {}): number {
    return this.#sink.total(this.#naming.metric(metric), this.#labels(attributes));
  }

  /** Of a series by its OpenTelemetry names, as it must have arrived. */
  key({ metric, attributes }: ExpectedSeries): string {
    return seriesKey(this.#naming.metric(metric), this.#labels(attributes));
  }

  #labels(attributes: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [this.#naming.attribute(key), value]));
  }
}

/** received = counted + duplicate + late + rejected + quarantined + in flight, and each is what was sent. */
export function checkBooks(report: Report, name: string, told: Told, rows: number, distinct: number): void {
  const outcome = (value: string) => told.total('leeway.observations.processed', { 'leeway.outcome': value });
  const books = {
    received: told.total('leeway.observations.received'),
    counted: outcome('counted'),
    duplicate: outcome('duplicate'),
    processed: told.total('leeway.observations.processed'),
    inFlight: told.total('leeway.observations.in_flight'),
  };
  const expected = { received: rows, counted: distinct, duplicate: rows - distinct, processed: rows, inFlight: 0 };
  report.equal(`${name}: every observation is counted once`, books, expected);
}

/** Every series that the exporter makes of the offline numbers has arrived, and no other of that kind. */
export function checkSeries(report: Report, name: string, told: Told, expected: readonly ExpectedSeries[]): void {
  const metrics = [...new Set(expected.map(({ metric }) => metric))];
  const received = metrics.flatMap((metric) => told.series(metric));
  const byKey = new Map(received.map((series) => [seriesKey(series.metric, series.attributes), series]));
  const wrong = expected.flatMap((series) => {
    const value = byKey.get(told.key(series))?.value;
    return value !== undefined && isEqual(value, series.value)
      ? []
      : [`${told.key(series)} is ${value}, not ${series.value}`];
  });
  const known = new Set(expected.map((series) => told.key(series)));
  const extra = [...byKey.keys()].filter((key) => !known.has(key));
  const scores = expected.filter(({ metric }) => metric === 'ml.drift.score').length;
  const detail = `${expected.length} series, ${scores} of them scores`;
  report.check(`${name}: numbers as offline`, wrong.length === 0, [detail, ...wrong.slice(0, EXAMPLES_MAX)].join('; '));
  report.check(`${name}: no other series`, extra.length === 0, extra.slice(0, EXAMPLES_MAX).join('; '));
}

/** PSI from nothing but the exported counters, for columns whose cells are never pooled. */
export function checkPlainPsi(report: Report, name: string, told: Told): void {
  const columns = [
    ['ml.feature.name', 'distance', 'ml.feature.observations'],
    ['ml.feature.name', 'hour', 'ml.feature.observations'],
    ['ml.output.name', 'score', 'ml.prediction.observations'],
  ] as const;
  for (const [attribute, column, metric] of columns) {
    const of = { [attribute]: column };
    const cells = sortedByBin(told.series(metric, of));
    const reference = sortedByBin(told.series('ml.reference.observations', of));
    const rows = told.total('ml.drift.rows', { ...of, 'ml.window': 'current' });
    const psi = plainPsi(cells, reference, rows);
    const exported = told.total('ml.drift.score', { ...of, 'ml.drift.metric': 'psi' });
    const holds = cells.length === 10 && reference.length === 10 && isEqual(exported, psi);
    report.check(`${name}: PSI of ${column} from its counters`, holds, `${exported} and ${psi}`);
  }
}

function sortedByBin(series: readonly ReceivedSeries[]): number[] {
  const bin = ({ attributes }: ReceivedSeries) => String(attributes['ml.bin'] ?? attributes.ml_bin);
  return [...series].sort((a, b) => (bin(a) < bin(b) ? -1 : 1)).map(({ value }) => value);
}

function seriesKey(metric: string, attributes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([metric, Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

const isEqual = (a: number, b: number): boolean =>
  a === b || Math.abs(a - b) <= RELATIVE_ERROR_MAX * Math.max(Math.abs(a), Math.abs(b));
