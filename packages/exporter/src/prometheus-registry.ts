/** `/metrics`, by prom-client, from the same families and under the same names as the OTLP path. */
import { METRICS } from '@leeway/semconv';
import { Counter, Gauge, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import type { HistogramPoint, MetricFamily, MetricSource, PointAttributes } from './metric-family.ts';
import { prometheusLabel, prometheusName } from './prometheus-name.ts';

/** Anything that prom-client's registry accepts as a metric: its `get` is called at every scrape. */
interface CollectedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly aggregator: 'sum';
  get(): Promise<MetricObjectWithValues<MetricValue<string>>>;
  reset(): void;
}

/**
 * A prom-client registry whose content is collected from the sources at every scrape.
 *
 * @param sources asked in order; a family that two of them emit is merged
 */
export function createPrometheusRegistry(sources: readonly MetricSource[]): {
  readonly contentType: string;
  render(): Promise<string>;
} {
  return {
    contentType: new Registry().contentType,
    render: () => registryOf(mergeFamilies(sources.flatMap((source) => source.collect()))).metrics(),
  };
}

function registryOf(families: Iterable<MetricFamily>): Registry {
  const registry = new Registry();
  for (const family of families) {
    const { instrument, unit, description } = METRICS[family.name];
    const name = prometheusName(family.name, unit, instrument);
    if ('histograms' in family) {
      registry.registerMetric(histogramMetric(name, description, family.histograms) as never);
      continue;
    }
    const labelNames = [...new Set(family.points.flatMap((point) => Object.keys(labelsOf(point.attributes))))];
    const settings = { name, help: description, labelNames, registers: [registry] };
    const finite = family.points.filter((point) => Number.isFinite(point.value));
    if (instrument === 'counter') {
      const counter = new Counter(settings);
      for (const { attributes, value } of finite) counter.inc(labelsOf(attributes), value);
    } else {
      const gauge = new Gauge(settings);
      for (const { attributes, value } of finite) gauge.set(labelsOf(attributes), value);
    }
  }
  return registry;
}

function mergeFamilies(families: readonly MetricFamily[]): Iterable<MetricFamily> {
  const byName = new Map<string, MetricFamily>();
  for (const family of families) {
    const before = byName.get(family.name);
    if (before === undefined) byName.set(family.name, family);
    else if ('points' in before && 'points' in family) {
      byName.set(family.name, { name: family.name, points: [...before.points, ...family.points] });
    } else if ('histograms' in before && 'histograms' in family) {
      byName.set(family.name, { name: family.name, histograms: [...before.histograms, ...family.histograms] });
    }
  }
  return byName.values();
}

/** prom-client's own Histogram only observes; these histograms are finished when they come here. */
function histogramMetric(name: string, help: string, points: readonly HistogramPoint[]): CollectedMetric {
  const values: MetricValue<string>[] = points.flatMap((point) => histogramValues(name, point));
  const object = { name, help, type: 'histogram', aggregator: 'sum', values } as unknown;
  return {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: () => Promise.resolve(object as MetricObjectWithValues<MetricValue<string>>),
    reset: () => undefined,
  };
}

function histogramValues(name: string, point: HistogramPoint): MetricValue<string>[] {
  const labels = labelsOf(point.attributes);
  let count = 0;
  const buckets = point.counts.map((n, i) => {
    count += n;
    const le = i < point.bounds.length ? point.bounds[i] : '+Inf';
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  const sum = { metricName: `${name}_sum`, labels, value: point.sum };
  return [...buckets, sum, { metricName: `${name}_count`, labels, value: count }] as MetricValue<string>[];
}

/** Attributes live as long as their series, so their labels are made once. */
const labelCache = new WeakMap<PointAttributes, Record<string, string>>();

function labelsOf(attributes: PointAttributes): Record<string, string> {
  const cached = labelCache.get(attributes);
  if (cached !== undefined) return cached;
  const labels = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [prometheusLabel(key), value]));
  labelCache.set(attributes, labels);
  return labels;
}
