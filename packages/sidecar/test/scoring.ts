/** A model, its reference and OTLP requests of it, for the sidecar's end-to-end tests. Deterministic. */
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProfile, type ReferenceProfile, sealProfile } from '@leeway/engine';

export interface Row {
  readonly amount: number | null;
  readonly country: string;
  readonly score: number;
}

/** mulberry32 */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const COUNTRIES = ['NL', 'DE', 'FR', 'BE'];

export function rowsOf(count: number, seed: number, shift = 0): Row[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => ({
    amount: shift + Math.round(-100 * Math.log(1 - random())),
    country: COUNTRIES[Math.floor(random() ** 2 * COUNTRIES.length)],
    score: random(),
  }));
}

export function referenceOf(rows: readonly Row[], name = 'training', model = 'risk'): ReferenceProfile {
  const column = (values: number[]) => ({
    scan: (visit: (values: Float64Array, count: number) => void) => visit(Float64Array.from(values), values.length),
  });
  const draft = buildProfile({
    name,
    createdAt: '2026-11-24T00:00:00Z',
    model: { name: model },
    dataset: {},
    columns: [
      {
        name: 'amount',
        role: 'feature',
        type: 'numeric',
        rows: column(rows.map(({ amount }) => amount ?? Number.NaN)),
      },
      {
        name: 'country',
        role: 'feature',
        type: 'categorical',
        categories: COUNTRIES,
        rows: column(rows.map(({ country }) => COUNTRIES.indexOf(country))),
      },
      { name: 'score', role: 'output', type: 'numeric', rows: column(rows.map(({ score }) => score)) },
    ],
  });
  return sealProfile(draft, (text) => createHash('sha256').update(text).digest('hex'));
}

/** A folder with a reference and a configuration that is fast enough for a test. */
export function writeFiles(
  reference: ReferenceProfile,
  settings: object = {},
): { folder: string; config: string; referenceFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-sidecar-'));
  const referenceFile = join(folder, 'reference.json');
  writeFileSync(referenceFile, JSON.stringify(reference));
  const config = join(folder, 'leeway.yaml');
  const file = {
    listen: { otlp_http: '127.0.0.1:0', http: '127.0.0.1:0' },
    window: { length: '3m', pane: '1m', lateness: '10s', skew: '1h' },
    references: [{ model: 'risk', version: '1', file: 'reference.json' }],
    log_level: 'silent',
    ...settings,
  };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(file));
  return { folder, config, referenceFile };
}

let spanNumber = 0;

/** One span a row, as OTLP/JSON. */
export function spansOf(
  rows: readonly Row[],
  timeMs: number | undefined,
  { model = 'risk', version = '1' as string, extra = [] as readonly object[] } = {},
): string {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const spans = rows.map(({ amount, country, score }) => ({
    traceId: (++spanNumber).toString(16).padStart(32, '0'),
    spanId: spanNumber.toString(16).padStart(16, '0'),
    name: 'predict risk',
    ...(timeMs === undefined ? {} : { endTimeUnixNano: `${timeMs}000000` }),
    attributes: [
      text('ml.model.name', model),
      text('ml.model.version', version),
      ...(amount === null
        ? [{ key: 'ml.capture.missing', value: { arrayValue: { values: [{ stringValue: 'amount' }] } } }]
        : [{ key: 'ml.features.amount', value: { doubleValue: amount } }]),
      text('ml.features.country', country),
      { key: 'ml.prediction.score', value: { doubleValue: score } },
      ...extra,
    ],
  }));
  const resource = { attributes: [text('deployment.environment.name', 'test')] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

export async function post(url: string, body: string, path = '/v1/traces'): Promise<{ status: number; body: string }> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, body: await response.text() };
}

export type Metrics = ReadonlyMap<string, number>;

/** Series of /metrics by `name{labels}` as written. */
export async function scrape(url: string): Promise<Metrics> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([^#\s].*) (\S+)$/.exec(line);
    if (match !== null) series.set(match[1], Number(match[2]));
  }
  return series;
}

/** Sum of the series whose text has all the parts. */
export function total(metrics: Metrics, ...parts: readonly string[]): number {
  let sum = 0;
  for (const [series, value] of metrics) if (parts.every((part) => series.includes(part))) sum += value;
  return sum;
}

/** Value of the one series whose text has all the parts. */
export function one(metrics: Metrics, ...parts: readonly string[]): number {
  const found = [...metrics].filter(([series]) => parts.every((part) => series.includes(part)));
  if (found.length !== 1)
    throw new Error(`${found.length} series have ${parts.join(', ')}: ${found.map(([name]) => name).join('\n')}`);
  return found[0][1];
}

/** Outcomes that are not 0, as `outcome reason`: count. */
export function outcomesOf(metrics: Metrics): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [series, count] of metrics) {
    const match = /^leeway_observations_processed_total\{leeway_outcome="(\w+)",leeway_reason="(\w+)"\}$/.exec(series);
    if (match !== null && count > 0) found[`${match[1]} ${match[2]}`] = count;
  }
  return found;
}

/** A sidecar in this process. */
interface Stoppable {
  readonly httpUrl: string;
  readonly pipeline: {
    readonly books: {
      readonly received: number;
      readonly processed: readonly { readonly count: number }[];
      readonly inFlight: number;
    };
  };
  stop(): Promise<void>;
}

/**
 * Stops a sidecar at the end of a test; its books have to balance before, by /metrics where that is open to anybody, and
 * after its last tick.
 *
 * @throws Error when they do not
 */
export async function stopBalanced(sidecar: Stoppable): Promise<void> {
  // Not there when the test stopped it, or asks for a certificate.
  const metrics = await scrape(sidecar.httpUrl).catch(() => undefined);
  await sidecar.stop();
  if (metrics !== undefined && !booksBalance(metrics)) throw new Error('the books on /metrics do not balance');
  const { received, processed, inFlight } = sidecar.pipeline.books;
  const accounted = processed.reduce((sum, { count }) => sum + count, inFlight);
  if (received !== accounted) throw new Error(`${received} observations received, ${accounted} accounted for`);
}

/** The law of the books, on what /metrics says: the scanner's count, the outcomes and what waits are counted apart. */
export function booksBalance(metrics: Metrics): boolean {
  const received = total(metrics, 'leeway_observations_received_total');
  const processed = total(metrics, 'leeway_observations_processed_total');
  return received === processed + total(metrics, 'leeway_observations_in_flight');
}
